/** The projected page of a session: asks for its state every two seconds. */

const screen = document.querySelector("#cae_meeting_screen");
const put = (name, text) => {
    screen.querySelector(`[data-name=${name}]`).textContent = text;
};

function bar(counts) {
    const box = screen.querySelector("[data-name=bar]");
    box.replaceChildren();
    const total = counts ? counts.reduce((sum, count) => sum + count, 0) : 0;
    ["success", "danger", "secondary", "light"].forEach((kind, place) => {
        if (total && counts[place]) {
            const part = document.createElement("div");
            part.className = `progress-bar text-bg-${kind}`;
            part.style.width = `${(100 * counts[place]) / total}%`;
            part.textContent = counts[place];
            box.append(part);
        }
    });
    box.classList.toggle("d-none", !total);
}

function show(live) {
    put("present", live.present);
    put("represented", live.represented);
    put("members", live.members);
    const quorum = screen.querySelector("[data-name=quorum]");
    quorum.replaceChildren(
        ...live.quorum.map((line) => {
            const node = document.createElement("div");
            node.className = line.reached ? "text-success" : "text-danger";
            node.textContent = `${line.reached ? "✔" : "✘"} ${line.text}`;
            return node;
        })
    );
    const item = live.resolution || {};
    put("title", item.title ? `${item.number}. ${item.title}` : "");
    put("label", item.outcome || item.label || "");
    put("voted", item.state === "open" && item.voted ? item.voted : "");
    put("explanation", item.explanation || "");
    bar(item.counts);
}

async function follow() {
    try {
        const response = await fetch(`/cae/meeting/${screen.dataset.meeting}/live`);
        show(await response.json());
        screen.classList.remove("opacity-50");
    } catch {
        screen.classList.add("opacity-50");
    }
    window.setTimeout(follow, 2000);
}

follow();
