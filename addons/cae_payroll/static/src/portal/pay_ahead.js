import { Interaction } from "@web/public/interaction";
import { registry } from "@web/core/registry";

/** Sliders that compute again as they move. */
export class PayAhead extends Interaction {
    static selector = ".o_cae_pay_ahead";
    dynamicContent = {
        _root: {
            "t-on-input": this.debounced(this.onInput, 250),
            "t-on-submit.prevent": this.onInput,
        },
        "input[type=range]": { "t-on-input": this.onSlide },
    };

    onSlide(ev) {
        const output = this.el.querySelector(`output[for="${ev.currentTarget.id}"]`);
        const lang = document.documentElement.lang || undefined;
        const amount = Number(ev.currentTarget.value).toLocaleString(lang);
        output.textContent = `${amount}\u00a0€`;
    }

    async onInput() {
        // Whose contract provides for no pay has nothing to wish for.
        const wish = this.el.querySelector("select[name=wish]")?.value;
        const amount = this.el.querySelector(".o_cae_wish_amount");
        amount?.classList.toggle("d-none", wish !== "net");
        const query = new URLSearchParams(new FormData(this.el));
        const answer = await this.waitFor(fetch(`/my/pay/ahead/result?${query}`));
        if (answer.ok) {
            const text = await this.waitFor(answer.text());
            const page = new DOMParser().parseFromString(text, "text/html");
            document
                .querySelector(".o_cae_pay_ahead_result")
                .replaceChildren(...page.body.children);
        }
    }
}

registry.category("public.interactions").add("cae_payroll.pay_ahead", PayAhead);
