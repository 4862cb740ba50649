import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

/** The first steps of a cooperative: what is done, and a button for what is not. */
export class OnboardingField extends Component {
    static template = "cae_base.Onboarding";
    static props = { ...standardFieldProps };

    setup() {
        this.action = useService("action");
        this.orm = useService("orm");
        this.tours = useService("tour_service");
        this.labels = { done: _t("Done"), open: _t("To do") };
    }

    get state() {
        return this.props.record.data[this.props.name];
    }

    async open(step) {
        const action = await this.orm.call("cae.onboarding", "open_step", [step.key]);
        return this.action.doAction(action);
    }

    showMe() {
        return this.tours.startTour("cae_first_month", { mode: "manual" });
    }

    async hide() {
        await this.orm.call("cae.onboarding", "hide");
        return this.action.doAction("cae_base.cae_period_action_current", {
            clearBreadcrumbs: true,
        });
    }
}

export const onboardingField = {
    component: OnboardingField,
    supportedTypes: ["json"],
    isEmpty: () => false,
};

registry.category("fields").add("cae_onboarding", onboardingField);
