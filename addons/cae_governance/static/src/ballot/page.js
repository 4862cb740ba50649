/** The page of a meeting for a voter or a teller: seals, keys, following the session. */

import * as sealing from "./sealing.js";

const page = document.querySelector("#cae_meeting_page");

async function call(route, params) {
    const response = await fetch(route, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ jsonrpc: "2.0", method: "call", params }),
    });
    const answer = await response.json();
    if (answer.error) {
        throw new Error(answer.error.data?.message || answer.error.message);
    }
    return answer.result;
}

function say(node, text, kind = "danger") {
    const box = node.querySelector(".o_cae_say");
    box.textContent = text;
    box.className = `o_cae_say alert alert-${kind} mt-2`;
}

function chosen(form) {
    return [...form.querySelectorAll("input[name=choice]:checked")]
        .map((input) => input.value)
        .filter((code) => code !== "blank");
}

async function castSecret(form) {
    const { keys, needed, resolution, elector, most } = JSON.parse(form.dataset.ballot);
    const choice = chosen(form);
    const blank = form.querySelector("input[value=blank]:checked");
    if (choice.length > most || (!choice.length && !blank) || (choice.length && blank)) {
        return say(form, form.dataset.wrong);
    }
    if (!window.confirm(form.dataset.confirm)) {
        return;
    }
    const button = form.querySelector("button");
    button.disabled = true;
    try {
        const { paper, receipt } = await sealing.seal(choice, keys, needed);
        const access = page.dataset.access;
        const answer = await call("/cae/ballot/cast", { access, resolution, elector, paper });
        if (answer.receipt !== receipt) {
            throw new Error("receipt");
        }
        form.querySelector(".o_cae_choices").remove();
        button.remove();
        form.querySelector(".o_cae_receipt").classList.remove("d-none");
        form.querySelector(".o_cae_receipt code").textContent = receipt;
        form.dataset.done = "1";
    } catch (error) {
        button.disabled = false;
        say(form, error.message);
    }
}

function save(name, text) {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([text], { type: "application/json" }));
    link.download = name;
    link.click();
}

async function tellerKey(form) {
    const phrase = form.querySelector("input[type=password]").value;
    if (phrase.length < 12) {
        return say(form, form.dataset.wrong);
    }
    try {
        const { publicKey, file } = await sealing.makeKey(phrase);
        // The file first: a key without its file would open nothing.
        save(form.dataset.name, file);
        const meeting = Number(page.dataset.meeting);
        await call("/cae/ballot/teller/key", { meeting, public_key: publicKey });
        window.setTimeout(() => window.location.reload(), 800);
    } catch (error) {
        say(form, error.message);
    }
}

async function tellerOpen(form) {
    const ballot = Number(form.dataset.ballot);
    const phrase = form.querySelector("input[type=password]").value;
    const file = form.querySelector("input[type=file]").files[0];
    if (!file) {
        return say(form, form.dataset.wrong);
    }
    try {
        let key;
        try {
            key = await sealing.openKey(await file.text(), phrase);
        } catch {
            return say(form, form.dataset.wrong);
        }
        const rows = await call("/cae/ballot/teller/parts", { ballot });
        const parts = await sealing.openParts(key, rows);
        await call("/cae/ballot/teller/give", { ballot, parts });
        window.location.reload();
    } catch (error) {
        say(form, error.message);
    }
}

function listen(selector, handler) {
    for (const form of document.querySelectorAll(selector)) {
        form.addEventListener("submit", (event) => {
            event.preventDefault();
            handler(form);
        });
        if (!sealing.available()) {
            form.querySelector("button").disabled = true;
            say(form, form.dataset.unsafe || form.dataset.wrong);
        }
    }
}

/** Show what changed in the session, unless something is being typed or read. */
async function follow(last) {
    const busy = document.querySelector(
        "form [name=choice]:checked, [data-done], input[type=password]:focus"
    );
    try {
        const pulse = await call("/cae/m/live", { access: page.dataset.access });
        const now = JSON.stringify(pulse);
        if (last && now !== last && !busy) {
            window.location.reload();
            return;
        }
        last = last && busy ? last : now;
    } catch {
        // The connection comes back, or the page is loaded again by its reader.
    }
    // Not all phones at the same moment, and less often when there are many.
    const seconds = Number(page.dataset.pace) * (1 + 0.75 * Math.random());
    window.setTimeout(() => follow(last), 1000 * seconds);
}

if (page) {
    listen("form.o_cae_secret", castSecret);
    listen("form.o_cae_teller_key", tellerKey);
    listen("form.o_cae_teller_open", tellerOpen);
    if (page.dataset.state === "open") {
        follow(null);
    }
    document.body.dataset.caeReady = "1";
}
