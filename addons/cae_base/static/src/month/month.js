import { Component } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

/** A month kept as its first day, shown as “October 2026”. */
export class MonthField extends Component {
    static template = "cae_base.Month";
    static props = { ...standardFieldProps };

    get month() {
        const day = this.props.record.data[this.props.name];
        const text = day ? day.toFormat("LLLL yyyy") : "";
        return text.charAt(0).toUpperCase() + text.slice(1);
    }
}

export const monthField = { component: MonthField, supportedTypes: ["date"] };

registry.category("fields").add("cae_month", monthField);
