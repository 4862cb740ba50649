import { Component, onMounted, useState } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";

/** Runs a month part by part and shows how far it is; closing the window stops it. */
export class RunMonth extends Component {
    static template = "cae_base.RunMonth";
    static props = ["*"];

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.params = this.props.action.params;
        this.state = useState({ step: "", percent: 0, stopping: false });
        onMounted(() => this.run());
    }

    async run() {
        const steps = this.params.steps;
        for (const [index, step] of steps.entries()) {
            this.state.step = step.label;
            const left = await this.runStep(
                step.key,
                index / steps.length,
                1 / steps.length
            );
            if (left) {
                break;
            }
        }
        this.finish();
    }

    /** Parts of a step; the bar goes from `start` on, `width` being the whole step.
     *  @returns {number} chunks left when it was stopped */
    async runStep(step, start, width) {
        let parts = 0;
        let result = {};
        do {
            result = await this.orm.call("cae.period", "run_part", [
                [this.params.period_id],
                step,
            ]);
            parts = Math.max(parts, result.remaining + 1);
            const done = 1 - result.remaining / parts;
            this.state.percent = Math.round(100 * (start + width * done));
        } while (result.remaining && !this.state.stopping);
        return result.remaining;
    }

    async finish() {
        const action = await this.orm.call("cae.period", "finish_run", [
            [this.params.period_id],
        ]);
        await this.action.doAction({ type: "ir.actions.act_window_close" });
        await this.action.doAction(action);
    }
}

registry.category("actions").add("cae_run_month", RunMonth);
