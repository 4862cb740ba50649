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

/** Who writes an amount means that amount: on a phone the choice is easily forgotten. */
export class AskPay extends Interaction {
    static selector = ".o_cae_ask_pay";
    dynamicContent = {
        "input[name=amount]": { "t-on-input": this.onAmount },
    };

    onAmount() {
        this.el.querySelector("#kind_net").checked = true;
    }
}

registry.category("public.interactions").add("cae_payroll.home_pay", HomePay);
registry.category("public.interactions").add("cae_payroll.ask_pay", AskPay);
