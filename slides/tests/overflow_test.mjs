// The overflow test finds slides that are too tall or too wide, and decks that ask for another file.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";

const folder = mkdtempSync(join(tmpdir(), "overflow-"));
after(() => rmSync(folder, { recursive: true }));

const tool = (name) => fileURLToPath(new URL(`../tools/${name}`, import.meta.url));
const run = (name, ...args) => spawnSync(process.execPath, [tool(name), ...args], { encoding: "utf8" });

/** Builds the deck and gives the lines and the exit status of the overflow test. */
function overflowOf(markdown) {
    const deck = join(folder, "01-deck.md");
    writeFileSync(deck, markdown);
    const places = ["--root", folder, "--out", folder, "--work", join(folder, "work"), "--depfile", join(folder, "d")];
    const built = run("build.mjs", ...places, deck);
    assert.equal(built.status, 0, built.stderr);
    const { stdout, status } = run("overflow.mjs", join(folder, "01-deck.html"));
    return { lines: stdout.trim(), status };
}

test("a deck that fits is ok", () => {
    assert.deepEqual(overflowOf("# One\n\n---\n\n## Two\n\n- a\n- b\n"), { lines: "ok 01-deck: 2 slides", status: 0 });
});

test("each problem of a deck is a line of its own", () => {
    const { lines, status } = overflowOf([
        "# Fits\n\n<style>section { background: url(other.png) }</style>",
        `## Too tall\n\n${"- a line\n".repeat(14)}`,
        `## Code too wide\n\n\`\`\`cpp\n${"int x; ".repeat(16)}\n\`\`\``,
        `## Word too long\n\n${"kitchen".repeat(14)}`,
    ].join("\n\n---\n\n"));
    assert.match(lines, /^not ok 01-deck: asks for file:.*other\.png$/m);
    assert.doesNotMatch(lines, /slide 1 overflows/);
    assert.match(lines, /^not ok 01-deck: slide 2 overflows by \d+ px: Too tall a line/m);
    assert.match(lines, /^not ok 01-deck: slide 3 overflows by \d+ px: Code too wide/m);
    assert.match(lines, /^not ok 01-deck: slide 4 overflows by \d+ px: Word too long/m);
    assert.equal(status, 1);
});
