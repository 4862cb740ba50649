import { Interaction } from "@web/public/interaction";
import { registry } from "@web/core/registry";

/** The figure of the pay comes after the page: it takes longer than the rest. */
export class HomePay extends Interaction {
    static selector = ".o_cae_home_pay";

    async willStart() {
        const answer = await this.waitFor(fetch(this.el.dataset.address));
        // Who is no longer connected is sent to the page of the login.
        if (answer.ok && !answer.redirected) {
            const text = await this.waitFor(answer.text());
            const page = new DOMParser().parseFromString(text, "text/html");
            this.el.replaceChildren(...page.body.children);
        }
    }
}

registry.category("public.interactions").add("cae_payroll.home_pay", HomePay);
