import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

/** Methods that open a screen of ours in place of plain views. */
const SCREENS = {
    "account.bank.statement.line": "action_cae_bank_lines",
    "account.move.line": "action_cae_proposals",
};

/** What is to settle before a month closes: one line each, opening the records. */
export class FindingsField extends Component {
    static template = "cae_base.Findings";
    static props = { ...standardFieldProps };

    setup() {
        this.action = useService("action");
        this.orm = useService("orm");
        this.labels = { blocking: _t("Blocks the close"), warning: _t("To look at") };
    }

    get findings() {
        return this.props.record.data[this.props.name] || [];
    }

    async open(finding) {
        const method = SCREENS[finding.model];
        if (method) {
            const action = await this.orm.call(finding.model, method, [
                finding.res_ids,
            ]);
            return this.action.doAction(action);
        }
        const alone = finding.res_ids.length === 1;
        return this.action.doAction({
            type: "ir.actions.act_window",
            name: finding.message,
            res_model: finding.model,
            res_id: alone ? finding.res_ids[0] : false,
            domain: [["id", "in", finding.res_ids]],
            context: { active_test: false },
            views: alone
                ? [[false, "form"]]
                : [
                      [false, "list"],
                      [false, "form"],
                  ],
        });
    }
}

export const findingsField = {
    component: FindingsField,
    supportedTypes: ["json"],
    isEmpty: () => false,
};

registry.category("fields").add("cae_findings", findingsField);
