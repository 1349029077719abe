// Builds one deck to one self-contained HTML file and a PDF.
//
// node build.mjs --root REPOSITORY --out FOLDER --work FOLDER --depfile FILE DECK
import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

import { chromiumPath, require } from "./chromium.mjs";
import { DeckError, expand } from "./deck.mjs";

const config = fileURLToPath(new URL("marp.config.mjs", import.meta.url));

/** Runs marp, which is heard only if it fails: it reports every success at length. */
function marp(input, output, ...options) {
    const program = require.resolve("@marp-team/marp-cli/marp-cli.js");
    const args = [program, input, "--output", output, "--config-file", config, "--no-stdin", ...options];
    const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: "utf8" });
    if (status !== 0) throw new DeckError(`marp could not build ${output}\n${stdout}${stderr}`);
}

function build(deck, { root, out, work, depfile }) {
    const { name, markdown, sources } = expand(resolve(deck), resolve(root));
    for (const folder of [out, work]) mkdirSync(folder, { recursive: true });
    const expanded = join(work, `${name}.md`);
    const html = join(out, `${name}.html`);
    writeFileSync(expanded, markdown);
    marp(expanded, html);
    marp(expanded, join(out, `${name}.pdf`), "--pdf", "--pdf-outlines", "--browser-path", chromiumPath());
    const escape = (path) => path.replaceAll(" ", "\\ ");
    writeFileSync(depfile, `${escape(html)}: ${sources.map(escape).join(" ")}\n`);
}

const text = { type: "string" };
const { values, positionals } = parseArgs({
    options: { root: text, out: text, work: text, depfile: text },
    allowPositionals: true,
});
try {
    build(positionals[0], values);
} catch (error) {
    console.error(error.message);
    process.exitCode = 1;
}
