import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { MonetaryField, monetaryField } from "@web/views/fields/monetary/monetary_field";

/** An upper limit: 0 is kept where there is none, and shown as such. */
export class LimitField extends MonetaryField {
    get formattedValue() {
        if (this.value) {
            return super.formattedValue;
        }
        return this.props.readonly ? _t("no limit") : "";
    }
}

registry.category("fields").add("cae_limit", { ...monetaryField, component: LimitField });
