// Tests the page of a class in a browser: every view in both themes and on both widths, sorting, search, keyboard,
// hostile names. One line per check.
//
// node page_browser_test.mjs FILE
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";

import { clippedWidth, faintestText } from "../../../docs/tests/measures.mjs";
import { openBrowser } from "../../../slides/tools/chromium.mjs";

const address = pathToFileURL(resolve(process.argv[2])).href;

function report(check, problems) {
    for (const problem of problems) console.log(`not ok report page: ${check}: ${problem}`);
    if (problems.length) process.exitCode = 1;
    else console.log(`ok report page: ${check}`);
}

const expected = (what, want, got) => (want === got ? [] : [`${what} is ${got}, not ${want}`]);

/** Show a view of the page; what goes wrong on the way. */
async function open(page, view) {
    const problems = [];
    const listeners = {
        console: (message) => message.type() === "error" && problems.push(`console: ${message.text()}`),
        pageerror: (error) => problems.push(`script: ${error.message}`),
        request: (request) => request.url().startsWith("file:") || problems.push(`asks for ${request.url()}`),
    };
    for (const [event, listener] of Object.entries(listeners)) page.on(event, listener);
    await page.goto("about:blank");
    await page.goto(`${address}#${view}`, { waitUntil: "load" });
    for (const [event, listener] of Object.entries(listeners)) page.off(event, listener);
    if (!await page.locator("main h2").count()) problems.push("has no heading");
    return problems;
}

async function checkView(page, view, name, colorScheme, width) {
    await page.setViewportSize({ width, height: 844 });
    const problems = await open(page, view);
    for (const summary of await page.locator("main summary").all()) await summary.click();
    problems.push(...await page.evaluate(clippedWidth), ...await page.evaluate(faintestText, 4.5));
    report(`${name} ${colorScheme} ${width} px`, problems);
}

/** The student whose name, output and compiler messages are tags: all of it must be text. */
async function hostileStudent(page) {
    await open(page, "students");
    return page.locator("main a", { hasText: "<script>" }).first().getAttribute("href");
}

async function checkHostile(page) {
    const problems = await open(page, (await hostileStudent(page)).slice(1));
    for (const summary of await page.locator("main summary").all()) await summary.click();
    const text = await page.locator("main").innerText();
    for (const part of ["</script><script>document.title='pwned'</script>", "<img src=x", "\\x1b[2J", "\\x00", "]]>"]) {
        if (!text.includes(part)) problems.push(`does not show ${part}`);
    }
    problems.push(...expected("the title", "Three Kitchens: results", await page.title()));
    problems.push(...expected("the number of scripts", 2, await page.locator("script").count()));
    problems.push(...expected("the number of images", 0, await page.locator("img").count()));
    report("what a student writes is text", problems);
}

async function checkSorting(page) {
    const problems = await open(page, "students");
    const firstScore = () => page.locator("main tbody tr").first().locator("td").nth(1).innerText();
    const button = page.getByRole("button", { name: "Score" });
    await button.click();
    problems.push(...expected("the first score, sorted", "20/20", await firstScore()));
    await button.focus();
    await page.keyboard.press("Enter");
    problems.push(...expected("the first score, sorted the other way", "0/20", (await firstScore()).replace("0/0", "0/20")));
    problems.push(...expected("what the heading says", "ascending",
        await page.locator("th", { hasText: "Score" }).getAttribute("aria-sort")));
    await page.getByRole("searchbox").fill("student 48");
    problems.push(...expected("the number of rows found", 1, await page.locator("main tbody tr").count()));
    await page.locator("main tbody a").press("Enter");
    // The page draws when it hears that its address has changed, which is some time after the key.
    await page.locator("main h2", { hasText: "student 48" }).waitFor();
    problems.push(...expected("the heading", "student 48", await page.locator("main h2").innerText()));
    report("sorting, search and links, by keyboard too", problems);
}

/** Tab must come to everything that can be used, in a view with everything. */
async function checkKeyboard(page) {
    const problems = await open(page, "student=ben");
    const usable = await page.locator("a[href], button, input, summary, [tabindex='0']").filter({ visible: true }).count();
    const reached = new Set();
    for (let i = 0; i < usable + 5; i += 1) {
        await page.keyboard.press("Tab");
        reached.add(await page.evaluate(() => {
            const all = [...document.querySelectorAll("a[href], button, input, summary, [tabindex='0']")];
            return all.indexOf(document.activeElement);
        }));
    }
    reached.delete(-1);
    problems.push(...expected("the number of things that Tab reaches", usable, reached.size));
    report("the keyboard reaches everything", problems);
}

async function checkContents(page) {
    const problems = await open(page, "overview");
    const bars = await page.locator("main svg").evaluateAll((pictures) => pictures.map((picture) =>
        [...picture.querySelectorAll("rect")].filter((bar) => bar.getBoundingClientRect().height > 1).length));
    // The sums of 3, 1 and 6 points.
    problems.push(...expected("the number of bars in each picture", "8 8", bars.join(" ")));
    await open(page, "mistakes");
    const known = page.locator(".card", { hasText: "joins each thread in the loop" }).first();
    if (!(await known.innerText()).includes("When does the second download start?")) problems.push("a known mistake has no hint");
    if (!await known.locator("a", { hasText: "ben" }).count()) problems.push("ben is not with his mistake");
    await open(page, "alike");
    problems.push(...expected("the number of look-alikes", 1, await page.locator("main tbody tr", { hasText: "student 07" }).count()));
    // The name that is hardest to write leads from the mistakes to its student.
    await open(page, "mistakes");
    await page.locator("main a", { hasText: "<script>" }).first().click();
    await page.locator("main h2", { hasText: "pwned" }).waitFor();
    problems.push(...expected("pages about the hostile student", 1, await page.locator("main h2", { hasText: "pwned" }).count()));
    report("distributions, mistakes, look-alikes", problems);
}

const views = { overview: "overview", students: "students", items: "items", mistakes: "mistakes", alike: "alike", ben: "student=ben" };
const browser = await openBrowser();
try {
    for (const colorScheme of ["light", "dark"]) {
        const page = await browser.newPage({ colorScheme });
        const hostile = (await hostileStudent(page)).slice(1);
        for (const [name, view] of Object.entries({ ...views, hostile })) {
            for (const width of [390, 1280]) await checkView(page, view, name, colorScheme, width);
        }
        await page.close();
    }
    const page = await browser.newPage({ viewport: { width: 1280, height: 844 } });
    await checkHostile(page);
    await checkSorting(page);
    await checkKeyboard(page);
    await checkContents(page);
} finally {
    await browser.close();
}
