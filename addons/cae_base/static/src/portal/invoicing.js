import { Interaction } from "@web/public/interaction";
import { registry } from "@web/core/registry";

/** A form is sent once, however often the button is pressed. */
export class SendOnce extends Interaction {
    static selector = ".o_cae_once";
    dynamicContent = {
        _root: { "t-on-submit": this.onSubmit },
    };

    onSubmit(ev) {
        const asked = ev.submitter?.matches(".o_cae_confirm");
        if (this.sent || (asked && !this.confirmed(ev.submitter))) {
            ev.preventDefault();
            return;
        }
        this.sent = true;
        // Who comes back to the page may send it again.
        this.waitForTimeout(() => (this.sent = false), 4000);
    }

    /** What cannot be undone is pressed twice. */
    confirmed(button) {
        const again = button.classList.contains("btn-danger");
        button.classList.replace("btn-outline-danger", "btn-danger");
        return again;
    }
}

/** SIRET and VAT number are asked of companies. */
export class CustomerForm extends Interaction {
    static selector = ".o_cae_customer";
    dynamicContent = {
        "input[name=company]": { "t-on-change": this.onChange },
    };

    onChange(ev) {
        this.el
            .querySelector(".o_cae_company")
            .classList.toggle("d-none", !ev.currentTarget.value);
    }
}

/** Lines that are added and removed, and the total that the server computes. */
export class InvoiceForm extends Interaction {
    static selector = ".o_cae_invoice";
    dynamicContent = {
        _root: { "t-on-input": this.debounced(this.compute, 300) },
        ".o_cae_lines": { "t-on-click": this.onClick },
        ".o_cae_line_add": { "t-on-click": this.onAdd },
    };

    start() {
        this.compute();
    }

    onAdd() {
        const model = this.el.querySelector(".o_cae_line_model");
        this.el.querySelector(".o_cae_lines").append(model.content.cloneNode(true));
        const lines = this.el.querySelectorAll(".o_cae_line");
        lines[lines.length - 1].querySelector("textarea").focus();
    }

    onClick(ev) {
        const button = ev.target.closest(".o_cae_line_remove");
        if (button) {
            button.closest(".o_cae_line").remove();
            if (!this.el.querySelector(".o_cae_line")) {
                this.onAdd();
            }
            this.compute();
        }
    }

    async compute() {
        const totals = this.el.querySelector(".o_cae_totals");
        const turn = (this.turn = (this.turn || 0) + 1);
        const answer = await this.waitFor(
            fetch(totals.dataset.address, { method: "POST", body: new FormData(this.el) })
        );
        // Who is no longer connected is sent to the page of the login.
        if (!answer.ok || answer.redirected) {
            return;
        }
        const text = await this.waitFor(answer.text());
        if (turn === this.turn) {
            const page = new DOMParser().parseFromString(text, "text/html");
            totals.replaceChildren(...page.body.children);
        }
    }
}

const interactions = registry.category("public.interactions");
interactions.add("cae_base.send_once", SendOnce);
interactions.add("cae_base.customer_form", CustomerForm);
interactions.add("cae_base.invoice_form", InvoiceForm);
