// Tests the built docs in a browser: links, search, and pages in both themes and on both widths. One line per check.
//
// node site.mjs FOLDER_WITH_INDEX_HTML
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";

import { openBrowser } from "../../slides/tools/chromium.mjs";
import { clippedWidth, faintestText } from "./measures.mjs";

const site = resolve(process.argv[2]);
const pages = readdirSync(site).filter((name) => name.endsWith(".html"));

function report(check, problems) {
    for (const problem of problems) console.log(`not ok ${check}: ${problem}`);
    if (problems.length) process.exitCode = 1;
    else console.log(`ok ${check}`);
}

/** The anchors that a page offers, or null if there is no such file. */
const anchors = new Map();
function anchorsOf(file) {
    if (!anchors.has(file)) {
        const known = existsSync(file) && statSync(file).isFile();
        const text = known && file.endsWith(".html") ? readFileSync(file, "utf8") : "";
        const names = [...text.matchAll(/ (?:id|name)="([^"]*)"/g)].map((match) => match[1]);
        anchors.set(file, known ? new Set(names) : null);
    }
    return anchors.get(file);
}

/** What is wrong with one link or picture of a page, or nothing. */
function problemOf(page, target) {
    if (/^[a-z]+:/.test(target) || target === "#" || target === "") return [];
    const [path, fragment] = target.split("#").map((part) => decodeURIComponent(part.replaceAll("&amp;", "&")));
    const known = anchorsOf(path ? join(dirname(page), path) : page);
    if (!known) return [`${target} does not exist`];
    return fragment && !known.has(fragment) ? [`${target} has no such heading`] : [];
}

function checkLinks() {
    const problems = pages.flatMap((name) => {
        const text = readFileSync(join(site, name), "utf8").replace(/<script[\s\S]*?<\/script>/g, "");
        const targets = new Set([...text.matchAll(/ (?:href|src)="([^"]*)"/g)].map((match) => match[1]));
        const found = [...targets].flatMap((target) => problemOf(join(site, name), target));
        return found.map((problem) => `${name}: ${problem}`);
    });
    report(`links of ${pages.length} pages`, problems);
}

/** Opens a page and tells what went wrong while it loaded. */
async function open(page, name) {
    const problems = [];
    const listeners = {
        console: (message) => message.type() === "error" && problems.push(`console: ${message.text()}`),
        pageerror: (error) => problems.push(`script: ${error.message}`),
        requestfailed: (request) => problems.push(`request failed: ${request.url()}`),
    };
    for (const [event, listener] of Object.entries(listeners)) page.on(event, listener);
    await page.goto(pathToFileURL(join(site, name)).href, { waitUntil: "load" });
    // The tree asks for files of its own until it has found the page; before that, leaving the page breaks them off.
    await page.locator("#nav-tree .selected").waitFor({ state: "attached" });
    for (const [event, listener] of Object.entries(listeners)) page.off(event, listener);
    return problems;
}

async function checkPage(page, name, colorScheme, width) {
    await page.setViewportSize({ width, height: 844 });
    const problems = await open(page, name);
    problems.push(...await page.evaluate(clippedWidth), ...await page.evaluate(faintestText, 4.5));
    report(`${name} ${colorScheme} ${width} px`, problems);
}

async function checkSearch(browser) {
    const page = await browser.newPage({ viewport: { width: 1280, height: 844 } });
    const problems = await open(page, "index.html");
    await page.locator("#MSearchField").pressSequentially("labs");
    // Doxygen 1.9.4 shows the results in a frame, later ones in the page.
    const framed = await page.locator("iframe#MSearchResults").count();
    const results = framed ? page.frameLocator("#MSearchResults") : page.locator("#MSearchResults");
    try {
        await results.locator(".SRSymbol:visible", { hasText: /^labs$/i }).first().waitFor();
    } catch {
        problems.push('"labs" does not find the page Labs');
    }
    report("search", problems);
    await page.close();
}

checkLinks();
// One page of each kind: every other page has the same rules.
const kinds = [
    /^index/, /^labs/, /^lab-/, /^architecture/, /^annotated/, /^namespaces/, /^files/, /^namespacecourse/,
    /^(class|struct)course(?!.*-members)/, /_8hpp\.html/, /_8hpp_source/,
];
const samples = kinds.map((kind) => pages.find((name) => kind.test(name))).filter(Boolean);
const browser = await openBrowser();
try {
    for (const colorScheme of ["light", "dark"]) {
        const page = await browser.newPage({ colorScheme });
        for (const name of samples) {
            for (const width of [390, 1280]) await checkPage(page, name, colorScheme, width);
        }
        await page.close();
    }
    await checkSearch(browser);
} finally {
    await browser.close();
}
