import { Interaction } from "@web/public/interaction";
import { registry } from "@web/core/registry";
import { FilesForm, listOf } from "./files";

/**
 * Photos of a paper: pages taken one after the other all stay, each can be taken out,
 * and what would be refused is told before it travels.
 */
export class PurchaseForm extends FilesForm {
    static selector = ".o_cae_purchase_form";

    setup() {
        super.setup();
        this.files = [];
    }

    take(input, chosen, files) {
        this.files.push(...files);
        this.showFiles();
    }

    /** All files travel with one input: the camera's own gives its place up. */
    showFiles() {
        const [camera, chosen] = this.el.querySelectorAll("input[type=file]");
        chosen.files = listOf(this.files);
        camera.value = "";
        const list = this.el.querySelector(".o_cae_photos_list");
        list.querySelectorAll("img").forEach((image) => URL.revokeObjectURL(image.src));
        list.replaceChildren(...this.files.map((file) => this.row(file)));
        this.check();
    }

    row(file) {
        const template = this.el.querySelector(".o_cae_photos_row");
        const row = template.content.firstElementChild.cloneNode(true);
        row.querySelector("span").textContent = file.name;
        const image = row.querySelector("img");
        if (file.type.startsWith("image/")) {
            image.src = URL.createObjectURL(file);
        } else {
            image.remove();
        }
        row.querySelector("button").addEventListener("click", () => {
            this.files = this.files.filter((other) => other !== file);
            this.showFiles();
        });
        return row;
    }

    /** Whether the files can be sent; says what is wrong. */
    check(sending = false) {
        const problem = this.el.querySelector(".o_cae_photos_problem");
        if (!problem) {
            return true;
        }
        const { most, largest } = this.el.dataset;
        const wrong = {
            many: this.files.length > Number(most),
            large: this.files.some((file) => file.size > Number(largest)),
            none: sending && !this.files.length && this.el.action.endsWith("/declare"),
        };
        for (const [name, told] of Object.entries(wrong)) {
            problem.querySelector(`.o_cae_photos_${name}`).hidden = !told;
        }
        problem.hidden = !Object.values(wrong).includes(true);
        if (sending && !problem.hidden) {
            problem.scrollIntoView({ block: "center" });
        }
        return problem.hidden;
    }
}

/** The amount of a journey, as it is typed. */
export class MileageForm extends Interaction {
    static selector = ".o_cae_mileage_form";
    dynamicContent = {
        _root: { "t-on-input": this.debounced(this.show, 300) },
    };

    async willStart() {
        await this.show();
    }

    async show() {
        const values = new FormData(this.el);
        if (!values.get("distance")) {
            return;
        }
        values.delete("csrf_token");
        const query = new URLSearchParams(values);
        const answer = await this.waitFor(fetch(`/my/purchases/mileage/amount?${query}`));
        if (answer.ok && !answer.redirected) {
            const text = await this.waitFor(answer.text());
            const page = new DOMParser().parseFromString(text, "text/html");
            this.el
                .querySelector(".o_cae_mileage_amount")
                .replaceChildren(...page.body.children);
        }
    }
}

registry.category("public.interactions").add("cae_base.purchase_form", PurchaseForm);
registry.category("public.interactions").add("cae_base.mileage_form", MileageForm);
