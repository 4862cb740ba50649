import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { stepUtils } from "@web_tour/tour_utils";

const control = (name, tag = "input") => `.o_field_widget[name=${name}] ${tag}`;

/** A field to fill in; the words are those of somebody who follows by hand. */
function fill(name, text, content, tag) {
    const trigger = control(name, tag);
    return { trigger, content, tooltipPosition: "bottom", run: `edit ${text}` };
}

function click(trigger, content) {
    return { trigger, content, tooltipPosition: "bottom", run: "click" };
}

/** From the list of the first steps to the screen that does one of them. */
function begin(key, content) {
    return click(`.o_cae_onboarding [data-step=${key}] button`, content);
}

/** Keep the form, then back to the list of the first steps. */
function keep() {
    const saved = { isActive: ["auto"], trigger: ".o_form_view .o_form_saved" };
    return [click(".o_form_button_save:enabled", _t("Keep it.")), saved, ...back()];
}

/**
 * To the month: by the menu, or by the way one came from, which begins there and is
 * what people click.
 */
function back() {
    const menu = (xmlid) => `[data-menu-xmlid="cae_base.${xmlid}"]`;
    const month = menu("cae_period_menu_current");
    const way = `.o_breadcrumb .breadcrumb-item a, ${month}`;
    return [
        { ...click(`.o_menu_sections ${menu("cae_close_menu")}`), isActive: ["auto"] },
        { ...click(month), isActive: ["auto"] },
        { ...click(way, _t("Back to the month.")), isActive: ["manual"] },
    ];
}

/** The choice of a record: the list is opened, then one of its lines is taken. */
function choose(name) {
    return [
        click(control(name), _t("Choose it in the list.")),
        click(".o-autocomplete--dropdown-item:not(.o_m2o_dropdown_option) a", _t("This one.")),
    ];
}

const company = () => [
    begin("company", _t("Begin with your cooperative: its address is printed on invoices.")),
    fill("street", "1 rue du Test", _t("Street of the seat.")),
    fill("zip", "44000", _t("Postcode.")),
    fill("city", "Nantes", _t("Town.")),
    fill("company_registry", "12345678200010", _t("SIRET: 14 digits.")),
    ...keep(),
];

const plan = () => [
    begin("plan", _t("The accounts are chosen already; look at them once.")),
    fill(
        "cae_legal_form",
        "SCOP SARL à capital variable, RCS Nantes 123 456 782",
        _t("Legal form and register, as invoices must show them.")
    ),
    ...keep(),
];

const scheme = () => [
    begin("scheme", _t("How activities contribute to the shared services.")),
    click(".o_list_view .o_data_row .o_data_cell", _t("Open the scheme of your cooperative.")),
    fill(
        "decision",
        "Assemblée du 12 juin, 4e résolution",
        _t("The decision of the general meeting that set it (R.7331-8)."),
        "textarea"
    ),
    ...keep(),
];

const entrepreneur = () => [
    begin("entrepreneur", _t("Now the first person.")),
    fill("first_name", "Inès", _t("First name.")),
    fill("last_name", "Test", _t("Last name; the contact is made from both.")),
    click(
        ".o_field_widget[name=contract_ids] .o_field_x2many_list_row_add a",
        _t("Add the contract: a CAPE first, for most people.")
    ),
    click(".modal .o_field_widget[name=kind] input", _t("Which contract?")),
    click(".o_select_menu_item:contains(CAPE)", _t("CAPE, CESA or an ordinary contract.")),
    {
        ...fill("date_start", "01/01/2026", _t("First day of the contract.")),
        trigger: `.modal ${control("date_start")}`,
    },
    click(".modal .o_form_button_save", _t("Keep the contract.")),
    { isActive: ["auto"], trigger: "body:not(:has(.modal))" },
    ...keep(),
];

const activity = () => [
    begin("activity", _t("And the activity of this person.")),
    fill("name", "Atelier Test", _t("Trade name, as customers know it."), "input, textarea"),
    ...choose("scheme_id"),
    click(
        ".o_field_widget[name=share_ids] .o_field_x2many_list_row_add a",
        _t("Who holds it.")
    ),
    ...choose("entrepreneur_id"),
    ...keep(),
];

const steps = () => [
    ...stepUtils.goToAppSteps(
        "cae_base.menu_cae_root",
        _t("Everything of the cooperative is in the app CAE.")
    ),
    ...company(),
    ...plan(),
    ...scheme(),
    ...entrepreneur(),
    ...activity(),
    click(
        "button[name=action_run_watched]",
        _t("Invoices, bills and bank come next. At the end of the month, run it here.")
    ),
    {
        isActive: ["auto"],
        trigger: "body:not(:has(.modal)) .o_cae_onboarding [data-step=activity] .fa-check-circle",
    },
];

// Slow machines get there too (ms).
const TIMEOUT = 60000;

registry.category("web_tour.tours").add("cae_first_month", {
    url: "/odoo",
    steps: () => steps().map((step) => ({ ...step, timeout: TIMEOUT })),
});
