// A deck pulls in code and pictures, and says what to mend where it can't.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";

import { expand, region } from "../tools/deck.mjs";

const root = mkdtempSync(join(tmpdir(), "deck-"));
after(() => rmSync(root, { recursive: true }));

const write = (name, text) => (writeFileSync(join(root, name), text), join(root, name));
const code = write("a.cpp", "//! [sum]\n    int sum() {\n        return 3;\n    }\n//! [sum]\n//! [open]\n");
const picture = write("a.svg", "<svg/>");
const expandText = (text) => expand(write("01-deck.md", text), root);

test("a region loses its common indentation", () => {
    assert.equal(region("  //! [x]\n    a\n      b\n  //! [x]\n", "x"), "a\n  b");
});

test("a region leaves out the markers of the regions inside it", () => {
    assert.equal(region("//! [x]\na\n//! [y]\nb\n//! [y]\n//! [x]\n", "x"), "a\nb");
});

test("a code line becomes a fenced block in the language of the file", () => {
    const { markdown, sources } = expandText("# Sum\n<!-- code: a.cpp [sum] -->\n");
    assert.equal(markdown, "# Sum\n```cpp\nint sum() {\n    return 3;\n}\n```\n");
    assert.deepEqual(sources, [join(root, "01-deck.md"), code]);
});

test("a picture becomes a data URI and keeps its Marp keywords", () => {
    const { markdown, sources } = expandText("![bg right w:40%](a.svg)");
    assert.equal(markdown, "![bg right w:40%](data:image/svg+xml;base64,PHN2Zy8+)");
    assert.ok(sources.includes(picture));
});

test("nothing inside a fenced block is expanded", () => {
    const text = "```\n![x](none.svg)\n<!-- code: none.cpp [x] -->\n```";
    assert.equal(expandText(text).markdown, text);
});

for (const [what, text, message] of [
    ["a missing file", "<!-- code: b.cpp [sum] -->", "b.cpp does not exist; write its path from the root of the repository"],
    ["a missing region", "<!-- code: a.cpp [su] -->", 'a.cpp needs two lines "//! [su]", found 0; it has [sum], [open]'],
    ["an open region", "<!-- code: a.cpp [open] -->", 'a.cpp needs two lines "//! [open]", found 1; it has [sum], [open]'],
    ["code among text", "see <!-- code: a.cpp [sum] -->", "write <!-- code: path/from/root.cpp [region] --> on a line of its own"],
    ["a missing picture", "![x](b.svg)", "b.svg does not exist; write its path from the deck"],
    ["a picture elsewhere", "![x](http://a/b.svg)", "http://a/b.svg is not a picture of this repository (.svg .png .jpg)"],
]) {
    test(`${what} is an error that names deck and line`, () => {
        assert.throws(() => expandText(`# Deck\n\n${text}\n`), { message: `01-deck.md:3: ${message}` });
    });
}
