import { onMounted, onWillUnmount } from "@odoo/owl";

import { registry } from "@web/core/registry";
import { FormController } from "@web/views/form/form_controller";
import { formView } from "@web/views/form/form_view";

/** Milliseconds between two savings. */
const EVERY = 20000;
const LISTS = ["one2many", "many2many"];

/**
 * A form that saves what is being written, so that nothing is lost with the connection.
 *
 * A new record is first saved by its user: creating it may tell other people.
 */
export class AutosaveController extends FormController {
    setup() {
        super.setup();
        let timer = null;
        onMounted(() => (timer = setInterval(() => this.autosave(), EVERY)));
        onWillUnmount(() => clearInterval(timer));
    }

    async autosave() {
        const record = this.model.root;
        if (record.isNew || !(await record.isDirty())) {
            return;
        }
        const changes = Object.keys(await record.getChanges());
        // Lines that are new have their ids from a reload, which ends the typing in them.
        const reload = changes.some((name) => LISTS.includes(record.fields[name].type));
        const typing = document.activeElement?.closest(".o_field_x2many");
        if (changes.length && !(reload && typing) && (await record.checkValidity())) {
            // What the server refuses is said when the user saves, not in the midst.
            await record.save({ reload, onError: () => false });
        }
    }
}

registry.category("views").add("cae_autosave", {
    ...formView,
    Controller: AutosaveController,
});
