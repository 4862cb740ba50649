/**
 * Seals a secret ballot in the voter's browser, and opens a teller's parts in theirs.
 *
 * The cryptography is the browser's own (Web Crypto). The format is described in
 * engine/sealing.py; scripts/verify-ballot recomputes the published list.
 */

const KEY_PARAMS = {
    name: "RSA-OAEP",
    modulusLength: 3072,
    publicExponent: new Uint8Array([1, 0, 1]),
    hash: "SHA-256",
};
const BLOCK = 256;
const encoder = new TextEncoder();

export const base64 = (bytes) =>
    btoa(Array.from(new Uint8Array(bytes), (b) => String.fromCharCode(b)).join(""));
export const bytesOf = (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
export const hex = (bytes) =>
    Array.from(new Uint8Array(bytes), (b) => b.toString(16).padStart(2, "0")).join("");
const random = (length) => crypto.getRandomValues(new Uint8Array(length));
const sha256 = (bytes) => crypto.subtle.digest("SHA-256", bytes);

function join(...parts) {
    const arrays = parts.map((part) => new Uint8Array(part));
    const joined = new Uint8Array(arrays.reduce((sum, part) => sum + part.length, 0));
    let place = 0;
    for (const part of arrays) {
        joined.set(part, place);
        place += part.length;
    }
    return joined;
}

/** Whether this browser may seal: only on a safe connection. */
export const available = () => Boolean(window.isSecureContext && crypto.subtle);

/** Groups of tellers, by position, of whom one opens the urn. */
export function groups(tellers, needed, first = 0) {
    if (!needed) {
        return [[]];
    }
    const found = [];
    for (let teller = first; teller <= tellers - needed; teller++) {
        for (const rest of groups(tellers, needed - 1, teller + 1)) {
            found.push([teller, ...rest]);
        }
    }
    return found;
}

/** The one way in which a choice is written; its length tells nothing. */
export function messageOf(choice) {
    const text = JSON.stringify({ choice: [...choice].sort() });
    return encoder.encode(text.padEnd(Math.ceil(text.length / BLOCK) * BLOCK));
}

function split(key, number) {
    const parts = Array.from({ length: number - 1 }, () => random(key.length));
    parts.push(parts.reduce((left, part) => left.map((b, i) => b ^ part[i]), key));
    return parts;
}

const publicKey = (text) =>
    crypto.subtle.importKey("spki", bytesOf(text), KEY_PARAMS, false, ["encrypt"]);

/**
 * @param {string[]} choice codes chosen; none is a blank ballot
 * @param {string[]} keys public keys of the tellers, in order
 * @param {number} needed tellers who open the urn together
 * @returns {Promise<{paper: string, receipt: string}>}
 */
export async function seal(choice, keys, needed) {
    const plain = join(random(32), messageOf(choice));
    const receipt = hex(await sha256(plain));
    const [key, iv] = [random(32), random(12)];
    const aes = await crypto.subtle.importKey("raw", key, "AES-GCM", false, ["encrypt"]);
    const algorithm = { name: "AES-GCM", iv, additionalData: encoder.encode(receipt) };
    const sealed = await crypto.subtle.encrypt(algorithm, aes, plain);
    const tellers = await Promise.all(keys.map(publicKey));
    const shares = {};
    for (const group of groups(keys.length, needed)) {
        const parts = split(key, group.length);
        shares[group.join(".")] = await Promise.all(
            group.map(async (teller, place) =>
                base64(
                    await crypto.subtle.encrypt(
                        { name: "RSA-OAEP" },
                        tellers[teller],
                        parts[place]
                    )
                )
            )
        );
    }
    const paper = { receipt, sealed: base64(join(iv, sealed)), shares };
    return { paper: JSON.stringify(paper), receipt };
}

async function passKey(phrase, salt) {
    const base = await crypto.subtle.importKey(
        "raw",
        encoder.encode(phrase),
        "PBKDF2",
        false,
        ["deriveKey"]
    );
    return crypto.subtle.deriveKey(
        { name: "PBKDF2", salt, iterations: 600000, hash: "SHA-256" },
        base,
        { name: "AES-GCM", length: 256 },
        false,
        ["encrypt", "decrypt"]
    );
}

/**
 * Make a teller's key.
 *
 * @returns {Promise<{publicKey: string, file: string}>} the file holds the private key,
 *     under the pass phrase
 */
export async function makeKey(phrase) {
    const pair = await crypto.subtle.generateKey(KEY_PARAMS, true, ["encrypt", "decrypt"]);
    const spki = await crypto.subtle.exportKey("spki", pair.publicKey);
    const pkcs8 = await crypto.subtle.exportKey("pkcs8", pair.privateKey);
    const [salt, iv] = [random(16), random(12)];
    const key = await passKey(phrase, salt);
    const sealed = await crypto.subtle.encrypt({ name: "AES-GCM", iv }, key, pkcs8);
    const file = {
        format: "cae-teller-1",
        public: base64(spki),
        fingerprint: hex(await sha256(spki)).slice(0, 16),
        salt: base64(salt),
        iv: base64(iv),
        sealed: base64(sealed),
    };
    return { publicKey: base64(spki), file: JSON.stringify(file, null, 1) };
}

/** The private key of a teller's file; throws when the phrase is wrong. */
export async function openKey(file, phrase) {
    const content = JSON.parse(file);
    const key = await passKey(phrase, bytesOf(content.salt));
    const algorithm = { name: "AES-GCM", iv: bytesOf(content.iv) };
    const pkcs8 = await crypto.subtle.decrypt(algorithm, key, bytesOf(content.sealed));
    return crypto.subtle.importKey("pkcs8", pkcs8, KEY_PARAMS, false, ["decrypt"]);
}

/** Decrypt a teller's parts; one that cannot be is empty. */
export async function openParts(key, rows) {
    const opened = [];
    for (const row of rows) {
        const parts = {};
        for (const [group, part] of Object.entries(row)) {
            try {
                const plain = await crypto.subtle.decrypt(
                    { name: "RSA-OAEP" },
                    key,
                    bytesOf(part)
                );
                parts[group] = base64(plain);
            } catch {
                parts[group] = "";
            }
        }
        opened.push(parts);
    }
    return opened;
}
