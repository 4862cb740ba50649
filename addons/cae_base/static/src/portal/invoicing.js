import { Interaction } from "@web/public/interaction";
import { registry } from "@web/core/registry";

/** A form is sent once, however often the button is pressed. */
export class SendOnce extends Interaction {
    static selector = ".o_cae_once";
    dynamicContent = {
        _root: { "t-on-submit": this.onSubmit },
    };

    onSubmit(ev) {
        if (this.sent || this.asksAgain(ev.submitter)) {
            ev.preventDefault();
            return;
        }
        this.sent = true;
        // Who comes back to the page may send it again.
        this.waitForTimeout(() => (this.sent = false), 4000);
    }

    /** What cannot be undone is pressed twice; the button asks for it in words. */
    asksAgain(button) {
        const question = button?.dataset.again;
        if (question) {
            delete button.dataset.again;
            button.textContent = question;
            button.classList.replace("btn-outline-danger", "btn-danger");
        }
        return Boolean(question);
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

/** Who writes an amount means that amount: on a phone the choice is easily forgotten. */
export class WriteChoice extends Interaction {
    static selector = ".o_cae_write_choice";
    dynamicContent = {
        "input[data-choice]": { "t-on-input": this.onWrite },
    };

    onWrite(ev) {
        const { choice } = ev.currentTarget.dataset;
        this.el.querySelector(`input[type=radio][value="${choice}"]`).checked = true;
    }
}

/** Where what was typed waits while a customer is added, and who leads back to it. */
const KEPT = "cae_invoicing_typed";
const CUSTOMER_PAGES = ["/my/customers/new", "/my/customers/save"];
/** Given by the server to each form anew. */
const GIVEN = ["csrf_token", "id", "quote", "activity", "key"];

/** Lines that are added and removed, and the total that the server computes. */
export class InvoiceForm extends Interaction {
    static selector = ".o_cae_invoice";
    dynamicContent = {
        _root: { "t-on-input": this.debounced(this.compute, 300) },
        ".o_cae_lines": { "t-on-click": this.onClick },
        ".o_cae_line_add": { "t-on-click": this.onAdd },
        _document: { "t-on-click": this.onLeave },
    };

    start() {
        const elsewhere = this.restore();
        if (elsewhere) {
            location.replace(elsewhere);
        } else {
            this.compute();
        }
    }

    onLeave(ev) {
        if (ev.target.closest(".o_cae_keep_typed")) {
            const fields = [...new FormData(this.el)].filter(([name]) => !GIVEN.includes(name));
            this.keep({ from: location.pathname, page: this.page, fields });
        }
    }

    /** Where this form is opened: what was refused is shown at another address. */
    get page() {
        const key = this.el.querySelector("[name=id], [name=quote]")?.value;
        const place = new URL(this.el.action).pathname.replace(/save$/, "");
        return place + (key ? `${key}/edit` : "new");
    }

    keep(kept) {
        sessionStorage.setItem(KEPT, JSON.stringify(kept));
    }

    /** What was typed comes back; gives the page of the draft that it belongs to. */
    restore() {
        const kept = JSON.parse(sessionStorage.getItem(KEPT));
        sessionStorage.removeItem(KEPT);
        const before = document.referrer && new URL(document.referrer).pathname;
        const pages = kept ? [kept.from, ...CUSTOMER_PAGES] : [];
        if (!kept?.back && !pages.some((page) => before.endsWith(page))) {
            return "";
        }
        if (kept.page !== this.page) {
            this.keep({ ...kept, back: true });
            return kept.page + location.search;
        }
        const customer = new URLSearchParams(location.search).get("customer");
        this.fill(customer ? [...kept.fields, ["customer", customer]] : kept.fields);
        return "";
    }

    fill(fields) {
        const lines = [...this.el.querySelectorAll(".o_cae_line")];
        const count = fields.filter(([name]) => name === "description").length;
        lines.slice(count).forEach((line) => line.remove());
        for (let have = lines.length; have < count; have++) {
            this.addLine();
        }
        this.el.querySelectorAll("[type=checkbox]").forEach((box) => (box.checked = false));
        const turns = {};
        for (const [name, value] of fields) {
            const inputs = [...this.el.querySelectorAll(`[name="${name}"]`)];
            const turn = Math.min(turns[name] || 0, inputs.length - 1);
            turns[name] = turn + 1;
            this.fillOne(inputs, turn, value);
        }
    }

    fillOne(inputs, turn, value) {
        const input = inputs[turn];
        if (input?.type === "checkbox") {
            const box = inputs.find((each) => each.value === value);
            box && (box.checked = true);
        } else if (input?.tagName === "SELECT") {
            // What is not offered here is chosen again.
            const offered = [...input.options].some((option) => option.value === value);
            offered && (input.value = value);
        } else if (input) {
            input.value = value;
        }
    }

    addLine() {
        const model = this.el.querySelector(".o_cae_line_model");
        const line = model.content.firstElementChild.cloneNode(true);
        this.el.querySelector(".o_cae_lines").append(line);
        return line;
    }

    onAdd() {
        this.addLine().querySelector("textarea").focus();
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
interactions.add("cae_base.write_choice", WriteChoice);
interactions.add("cae_base.invoice_form", InvoiceForm);
