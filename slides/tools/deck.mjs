// Expands a deck: marked regions of code become fenced blocks, images become data URIs.
//
// A deck pulls a region in with a line of its own:
//     <!-- code: solutions/08-fd-inheritance/descriptors.cpp [open again] -->
// and the file marks it, as for Doxygen's \snippet, with two lines:
//     //! [open again]
import { existsSync, readFileSync } from "node:fs";
import { basename, dirname, extname, relative, resolve } from "node:path";

/** What the author of a deck has to mend: the deck, the line, and what to do. */
export class DeckError extends Error {}

const languages = { ".cpp": "cpp", ".hpp": "cpp", ".c": "c", ".py": "python" };
const imageTypes = { ".svg": "image/svg+xml", ".png": "image/png", ".jpg": "image/jpeg" };

const codeLine = /^<!--\s*code:\s*(\S+)\s+\[([^\]]+)\]\s*-->\s*$/;
const almostCodeLine = /<!--\s*code\s*:/;
const marker = /^\s*\/\/!\s*\[([^\]]+)\]\s*$/;
const fence = /^\s{0,3}(```+|~~~+)/;
const image = /(!\[[^\]]*\]\()([^)\s]+)(\))/g;

/** The lines of a region without their common indentation. */
export function region(text, name) {
    const lines = text.split("\n");
    const markers = lines.flatMap((line, i) => (line.match(marker)?.[1] === name ? [i] : []));
    if (markers.length !== 2) {
        const names = [...new Set(lines.flatMap((line) => line.match(marker)?.[1] ?? []))];
        const known = names.length ? `it has ${names.map((n) => `[${n}]`).join(", ")}` : "it marks none";
        throw new DeckError(`needs two lines "//! [${name}]", found ${markers.length}; ${known}`);
    }
    const body = lines.slice(markers[0] + 1, markers[1]).filter((line) => !marker.test(line));
    const indents = body.filter((line) => line.trim()).map((line) => line.match(/^ */)[0].length);
    const common = indents.length ? Math.min(...indents) : 0;
    return body.map((line) => line.slice(common)).join("\n").trim();
}

function codeBlock(file, name, root) {
    const path = resolve(root, file);
    if (!existsSync(path)) {
        throw new DeckError(`${file} does not exist; write its path from the root of the repository`);
    }
    let code;
    try {
        code = region(readFileSync(path, "utf8"), name);
    } catch (error) {
        throw error instanceof DeckError ? new DeckError(`${file} ${error.message}`) : error;
    }
    return { path, text: `\`\`\`${languages[extname(file)] ?? ""}\n${code}\n\`\`\`` };
}

function inlineImage(target, folder) {
    const path = resolve(folder, target);
    const type = imageTypes[extname(path).toLowerCase()];
    if (/^[a-z]+:/.test(target) || !type) {
        throw new DeckError(`${target} is not a picture of this repository (${Object.keys(imageTypes).join(" ")})`);
    }
    if (!existsSync(path)) {
        throw new DeckError(`${target} does not exist; write its path from the deck`);
    }
    return { path, text: `data:${type};base64,${readFileSync(path).toString("base64")}` };
}

/** The deck as one self-contained Markdown text, and the files that it was made from. */
export function expand(deck, root) {
    const sources = new Set([deck]);
    const pull = ({ path, text }) => (sources.add(path), text);
    let open = null;  // the fence that the current line is inside of

    const expandLine = (line) => {
        const mark = line.match(fence)?.[1];
        if (mark) {
            if (!open) open = mark;
            else if (mark.startsWith(open)) open = null;
        }
        if (mark || open) return line;
        const code = line.match(codeLine);
        if (code) return pull(codeBlock(code[1], code[2], root));
        if (almostCodeLine.test(line)) {
            throw new DeckError("write <!-- code: path/from/root.cpp [region] --> on a line of its own");
        }
        const inline = (_, before, target, after) => before + pull(inlineImage(target, dirname(deck))) + after;
        return line.replace(image, inline);
    };

    const lines = readFileSync(deck, "utf8").split("\n").map((line, i) => {
        try {
            return expandLine(line);
        } catch (error) {
            if (!(error instanceof DeckError)) throw error;
            throw new DeckError(`${relative(root, deck)}:${i + 1}: ${error.message}`);
        }
    });
    return { name: basename(deck, ".md"), markdown: lines.join("\n"), sources: [...sources] };
}
