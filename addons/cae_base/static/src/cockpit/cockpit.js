import { Component } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

/** Key figures as tiles, by group; each opens its records and its curve. */
export class CockpitField extends Component {
    static template = "cae_base.Cockpit";
    static props = { ...standardFieldProps };

    setup() {
        this.action = useService("action");
        this.orm = useService("orm");
    }

    get groups() {
        return this.props.record.data[this.props.name] || [];
    }

    /** Saved first: the choice of people is still there when one comes back. */
    async open(method, key) {
        const record = this.props.record;
        if (await record.save()) {
            const args = [[record.resId], key];
            await this.action.doAction(await this.orm.call(record.resModel, method, args));
        }
    }
}

registry.category("fields").add("cae_cockpit", {
    component: CockpitField,
    supportedTypes: ["json"],
    isEmpty: () => false,
});
