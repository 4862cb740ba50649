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
        this.total = { done: true, remaining: 0 };
        this.state = useState({ step: "", percent: 0, stopping: false });
        onMounted(() => this.run());
    }

    async run() {
        const steps = this.params.steps;
        for (const [index, step] of steps.entries()) {
            this.state.step = step.label;
            await this.runStep(step.key, index / steps.length, 1 / steps.length);
            if (this.total.remaining) {
                break;
            }
        }
        this.finish();
    }

    /** Parts of a step; the bar goes from `start` on, `width` being the whole step. */
    async runStep(step, start, width) {
        let parts = 0;
        let result = {};
        do {
            result = await this.orm.call("cae.period", "run_part", [
                [this.params.period_id],
                step,
            ]);
            this.add(step, result[step]);
            parts = Math.max(parts, result.remaining + 1);
            const done = 1 - result.remaining / parts;
            this.state.percent = Math.round(100 * (start + width * done));
        } while (result.remaining && !this.state.stopping);
        this.total.remaining = result.remaining;
    }

    add(step, added) {
        const sum = this.total[step] || {};
        for (const [key, value] of Object.entries(added)) {
            sum[key] = (sum[key] || 0) + value;
        }
        this.total[step] = sum;
    }

    async finish() {
        this.total.done = !this.total.remaining;
        const action = await this.orm.call("cae.period", "finish_run", [
            [this.params.period_id],
            this.total,
        ]);
        await this.action.doAction({ type: "ir.actions.act_window_close" });
        await this.action.doAction(action);
    }
}

registry.category("actions").add("cae_run_month", RunMonth);
