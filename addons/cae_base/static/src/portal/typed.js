import { Interaction } from "@web/public/interaction";
import { registry } from "@web/core/registry";

const CHOICES = ["checkbox", "radio"];
/** Not typed by anybody, or not to be filled in by a script. */
const LEFT = ["hidden", "file", "submit", "button"];

/** What was typed into a form that was refused stands in it again. */
export class TypedAgain extends Interaction {
    static selector = ".o_cae_typed";

    start() {
        const { path, fields } = JSON.parse(this.el.dataset.typed);
        const forms = [...document.querySelectorAll("form[method=post]")];
        // The action may begin with the language.
        const sent = forms.filter((form) => new URL(form.action).pathname.endsWith(path));
        const own = sent.filter((form) => this.isThat(form, fields));
        // A key that is new on every page says nothing of which form it was.
        for (const form of own.length ? own : sent) {
            this.fill(form, fields);
        }
    }

    /** Of several forms of one address, what is hidden in them says which one. */
    isThat(form, fields) {
        return [...form.elements].every(
            ({ type, name, value }) =>
                type !== "hidden" || !fields[name] || fields[name].includes(value)
        );
    }

    fill(form, fields) {
        form.closest("details")?.setAttribute("open", "open");
        for (const field of form.elements) {
            const typed = fields[field.name];
            if (CHOICES.includes(field.type)) {
                field.checked = Boolean(typed?.includes(field.value));
            } else if (typed && !LEFT.includes(field.type)) {
                field.value = typed[0];
            }
        }
    }
}

registry.category("public.interactions").add("cae_base.typed_again", TypedAgain);
