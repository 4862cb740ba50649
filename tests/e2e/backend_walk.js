/** Opens screens of Odoo's backend within one page, and has axe look at each of them.

Beside axe and within the web client: `window.backendWalk`. */
(() => {
    const { modules } = odoo.loader;
    const { rpcBus } = modules.get("@web/core/network/rpc");
    const { Domain } = modules.get("@web/core/domain");
    const { user } = modules.get("@web/core/user");
    const { action, dialog, orm } = odoo.__WOWL_DEBUG__.root.env.services;
    const RECORDS = 3;
    const FRAMES = 3;
    const PATIENCE = 60000;
    /** What Odoo's components draw, wherever they are: looked at as a whole. */
    const COMPONENTS = [
        ".o-mail-Chatter",
        ".o-mail-ActivityButton",
        ".o_notebook_headers",
        ".o_m2m_avatar",
        ".o_avatar.o_tag",
        ".o_colorlist",
        ".o_calendar_widget",
    ];
    const STATE = /^(text-|bg-|fa-|oi-|cursor-|o_selected|active$|show$)/;

    const asked = new Set();
    rpcBus.addEventListener("RPC:REQUEST", ({ detail }) => asked.add(detail.data.id));
    rpcBus.addEventListener("RPC:RESPONSE", ({ detail }) => asked.delete(detail.data.id));

    const style = document.createElement("style");
    const still = "transition: none !important; animation: none !important";
    style.textContent = `*, ::before, ::after { ${still} }`;
    document.head.append(style);

    const frame = () =>
        new Promise((resolve) => setTimeout(() => requestAnimationFrame(resolve)));

    /** Wait until `found` is there and nothing is asked for during some frames. */
    async function settle(found) {
        const limit = performance.now() + PATIENCE;
        for (let calm = 0; calm < FRAMES; ) {
            await frame();
            const error = document.querySelector(".o_error_dialog");
            if (error) {
                throw new Error(error.textContent);
            }
            if (performance.now() > limit) {
                throw new Error(`${found} never came`);
            }
            const blocked = document.querySelector(".o_blockUI");
            const ready = document.querySelector(found) && !blocked && !asked.size;
            calm = ready ? calm + 1 : 0;
        }
    }

    /** The action as a menu opens it, without the filters that hide records. */
    async function load({ action: what, about }) {
        const context = {};
        if (about) {
            const { model, domain, field } = about;
            const ids = await orm.search(model, domain || [], { limit: 1 });
            Object.assign(context, { active_model: model, active_id: ids[0], active_ids: ids });
            if (field) {
                context[`default_${field}`] = ids[0];
            }
        }
        const loaded = await action.loadAction(what, context);
        const kept = Object.entries({ ...context, ...loaded.context });
        loaded.context = Object.fromEntries(
            kept.filter(([key]) => !key.startsWith("search_default_"))
        );
        return { ...loaded, limit: RECORDS };
    }

    async function record({ res_model, domain }) {
        const wanted = new Domain(domain || []).toList(user.context);
        const [found] = await orm.search(res_model, wanted, { limit: 1 });
        return found || (await orm.search(res_model, [], { limit: 1 }))[0];
    }

    /** Show a screen; the selector of its root, none without a record to show. */
    async function open(screen) {
        dialog.closeAll();
        document.body.dispatchEvent(new PointerEvent("pointerdown", { bubbles: true }));
        const loaded = await load(screen);
        const props = {};
        if (screen.kind === "form" && !screen.alone && !loaded.res_id) {
            props.resId = await record(loaded);
            if (!props.resId) {
                return;
            }
        }
        await action.doAction(loaded, {
            clearBreadcrumbs: true,
            viewType: screen.kind,
            props,
        });
        const root = loaded.target === "new" ? ".o_dialog" : ".o_action_manager";
        await settle(`${root} .o_${screen.kind}_view`);
        return root;
    }

    /** What an element has in common with others of its make. */
    function make(element, data) {
        if (data?.fgColor) {
            return `${data.fgColor} on ${data.bgColor}`;
        }
        const component = COMPONENTS.find((selector) => element.closest(selector));
        if (component) {
            return component;
        }
        const classes = [...element.classList].filter((name) => !STATE.test(name));
        const button = element.matches("button[type=object], button[type=action]");
        const name = button ? [element.getAttribute("name")] : [];
        return [element.tagName, ...name, ...classes.sort()].join(" ");
    }

    const ours = (element) =>
        Boolean(element.closest('[name^="cae_"], [class*="o_cae_"]'));

    function describe(rule, node) {
        const element = document.querySelector(node.target.at(-1));
        const data = node.any[0]?.data;
        return {
            rule,
            make: make(element, data),
            ours: ours(element),
            html: node.html.replace(/\s+/g, " ").slice(0, 200),
        };
    }

    async function look(selector, rules) {
        const options = {
            runOnly: { type: "tag", values: rules },
            resultTypes: ["violations"],
        };
        const { violations } = await axe.run(selector, options);
        return violations.flatMap(({ id, nodes }) => nodes.map((node) => describe(id, node)));
    }

    /** The other pages of notebooks, which show one at a time. */
    async function lookBehind(root, rules) {
        const found = [];
        const tabs = () => [...document.querySelectorAll(`${root} .o_notebook .nav-link`)];
        for (let index = 0; index < tabs().length; index++) {
            const tab = tabs()[index];
            if (!tab.classList.contains("active")) {
                tab.click();
                await settle(`${root} .o_notebook .tab-pane`);
                found.push(...(await look(`${root} .o_notebook_content`, rules)));
            }
        }
        return found;
    }

    async function visit(screen, rules) {
        const root = await open(screen);
        if (!root) {
            return { empty: true };
        }
        const nodes = await look(root, rules);
        if (screen.kind === "form") {
            nodes.push(...(await lookBehind(root, rules)));
        }
        return { nodes };
    }

    async function walk(screens, rules) {
        const seen = [];
        for (const screen of screens) {
            const start = performance.now();
            const result = await visit(screen, rules).catch((error) => ({
                error: String(error.cause?.message || error.message || error),
            }));
            seen.push({ ...screen, ...result, time: performance.now() - start });
        }
        return seen;
    }

    window.backendWalk = { open, look, walk };
})();
