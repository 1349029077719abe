// Finds Chromium, and opens it for the tests of the slides and of the docs.
import { accessSync, constants } from "node:fs";
import { createRequire } from "node:module";
import { delimiter, join } from "node:path";

/** `require` honours NODE_PATH, `import` does not; the packages are in the build tree. */
export const require = createRequire(import.meta.url);

const names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

function isProgram(path) {
    try {
        accessSync(path, constants.X_OK);
        return true;
    } catch {
        return false;
    }
}

/** The path of the browser: CHROME_PATH, or the first known name in PATH. */
export function chromiumPath() {
    if (process.env.CHROME_PATH) {
        if (isProgram(process.env.CHROME_PATH)) return process.env.CHROME_PATH;
        throw new Error(`CHROME_PATH is ${process.env.CHROME_PATH}, which is not a program`);
    }
    const folders = process.env.PATH.split(delimiter);
    const found = names.flatMap((name) => folders.map((folder) => join(folder, name))).find(isProgram);
    if (found) return found;
    throw new Error("install the Debian package chromium or set CHROME_PATH; ./course doctor tells more");
}

/** A browser that stays off the network. Only pages that we built are opened, so it needs no sandbox of its own. */
export function openBrowser() {
    return require("playwright-core").chromium.launch({
        executablePath: chromiumPath(),
        args: ["gpu", "quic", "background-networking", "component-update", "sync"].map((part) => `--disable-${part}`),
    });
}
