import { Component, onWillStart, useEffect, useRef } from "@odoo/owl";
import { loadBundle } from "@web/core/assets";
import { cookie } from "@web/core/browser/cookie";
import { getColor } from "@web/core/colors/colors";
import { registry } from "@web/core/registry";
import { user } from "@web/core/user";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

/** Months of an activity or of all: the first series as bars, the others as lines. */
export class MonthGraphField extends Component {
    static template = "cae_base.MonthGraph";
    static props = { ...standardFieldProps };

    setup() {
        this.canvas = useRef("canvas");
        onWillStart(() => loadBundle("web.chartjs_lib"));
        useEffect(
            () => {
                const chart = new Chart(this.canvas.el, this.config);
                return () => chart.destroy();
            },
            () => [this.props.record.data[this.props.name]]
        );
    }

    get series() {
        return JSON.parse(this.props.record.data[this.props.name] || "[]");
    }

    get description() {
        return this.series.map((one) => one.title).join(", ");
    }

    get config() {
        const scheme = cookie.get("color_scheme");
        const datasets = this.series.map((one, index) => ({
            type: index ? "line" : "bar",
            label: one.title,
            data: one.values.map((point) => point.value),
            backgroundColor: getColor(index, scheme, "odoo"),
            borderColor: getColor(index, scheme, "odoo"),
            order: -index,
        }));
        return {
            data: { labels: this.series[0]?.values.map((point) => point.label), datasets },
            options: {
                animation: false,
                locale: user.lang,
                maintainAspectRatio: false,
                plugins: { legend: { position: "bottom" } },
                scales: { x: { grid: { display: false } }, y: { beginAtZero: true } },
            },
        };
    }
}

registry
    .category("fields")
    .add("cae_month_graph", { component: MonthGraphField, supportedTypes: ["text"] });
