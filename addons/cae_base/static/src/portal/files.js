import { Interaction } from "@web/public/interaction";
import { registry } from "@web/core/registry";

/** Bytes of a photo that travels as it is. */
const SMALL = 1_000_000;
/** Pixels of the longer side: of more, Odoo's server keeps these. */
const LONGER = 1920;
const QUALITY = 0.8;

/**
 * A photo of a phone, upright, small enough for a slow line; where it was taken is not
 * in it any more. What is no photo, is small or cannot be opened here stays as it is.
 *
 * @param {File} file
 * @returns {Promise<File>}
 */
export async function smaller(file) {
    if (file.size <= SMALL || !file.type.startsWith("image/")) {
        return file;
    }
    const photo = new Image();
    photo.src = URL.createObjectURL(file);
    try {
        await photo.decode();
        const drawn = await draw(photo);
        const name = `${file.name.replace(/\.[^.]*$/, "")}.jpg`;
        return drawn.size < file.size ? new File([drawn], name, { type: drawn.type }) : file;
    } catch {
        return file;
    } finally {
        URL.revokeObjectURL(photo.src);
    }
}

/** Browsers turn a photo upright as they draw it. */
function draw(photo) {
    const { naturalWidth: width, naturalHeight: height } = photo;
    const scale = Math.min(1, LONGER / Math.max(width, height));
    const canvas = document.createElement("canvas");
    canvas.width = Math.round(width * scale);
    canvas.height = Math.round(height * scale);
    const context = canvas.getContext("2d");
    context.imageSmoothingQuality = "high";
    // What shows through would become black.
    context.fillStyle = "white";
    context.fillRect(0, 0, canvas.width, canvas.height);
    context.drawImage(photo, 0, 0, canvas.width, canvas.height);
    return new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", QUALITY));
}

/** Files as an input takes them. */
export function listOf(files) {
    const all = new DataTransfer();
    files.forEach((file) => all.items.add(file));
    return all.files;
}

/** A form with files: photos travel small, once, and what goes on is said. */
export class FilesForm extends Interaction {
    static selector = ".o_cae_files";
    dynamicContent = {
        "input[type=file]": { "t-on-change": this.onChoose },
        _root: { "t-on-submit": this.onSubmit },
        _window: { "t-on-pageshow": () => this.tell() },
    };

    setup() {
        this.made = Promise.resolve();
        this.making = 0;
    }

    /** One photo after the other: a phone has no room for several in full size. */
    onChoose(ev) {
        const input = ev.currentTarget;
        const chosen = input.files;
        const files = [...chosen];
        this.making++;
        this.made = this.made.then(async () => {
            for (const [place, file] of files.entries()) {
                files[place] = await smaller(file);
            }
            this.making--;
            this.take(input, chosen, files);
            this.tell();
        });
        this.tell();
    }

    /** Others may have been chosen meanwhile. */
    take(input, chosen, files) {
        if (input.files === chosen) {
            input.files = listOf(files);
        }
    }

    /** Whether the files can be sent. */
    check() {
        return true;
    }

    /** A slow line invites to press again. */
    async onSubmit(ev) {
        if (this.making) {
            ev.preventDefault();
            await this.sendOnceMade();
        } else if (this.sending || !this.check(true)) {
            ev.preventDefault();
        } else {
            this.tell(true);
        }
    }

    async sendOnceMade() {
        if (!this.waiting) {
            this.waiting = true;
            await this.waitFor(this.made);
            this.waiting = false;
            this.el.requestSubmit();
        }
    }

    /** Who comes back to the page may send it again. */
    tell(sending = false) {
        this.sending = sending;
        this.el.querySelector(".o_cae_files_made").hidden = !this.making;
        this.el.querySelector(".o_cae_files_sent").hidden = !sending;
        this.el
            .querySelectorAll("button[type=submit]")
            .forEach((button) => (button.disabled = sending));
    }
}

registry.category("public.interactions").add("cae_base.files_form", FilesForm);
