// Tests that no slide overflows and that no deck asks for another file: one line per deck.
//
// node overflow.mjs DECK.html...
import { basename, resolve } from "node:path";
import { pathToFileURL } from "node:url";

import { openBrowser } from "./chromium.mjs";

/** Runs in the page: by how many pixels the contents of each slide leave its content box. */
function measure() {
    return [...document.querySelectorAll("svg[data-marpit-svg] section")].map((slide) => {
        const box = slide.getBoundingClientRect();
        const scale = box.width / slide.offsetWidth;
        const style = getComputedStyle(slide);
        const right = box.right - parseFloat(style.paddingRight) * scale;
        const bottom = box.bottom - parseFloat(style.paddingBottom) * scale;
        const contents = [...slide.querySelectorAll("*")].filter((element) => !element.closest("header, footer"));
        const beyond = contents.map((element) => {
            const { right: r, bottom: b } = element.getBoundingClientRect();
            const clipped = element.scrollWidth - element.clientWidth;
            const inline = getComputedStyle(element).display === "inline";
            return Math.max((r - right) / scale, (b - bottom) / scale, inline ? 0 : clipped);
        });
        const words = slide.innerText.trim().split(/\s+/).slice(0, 6).join(" ");
        return { pixels: Math.round(Math.max(0, ...beyond)), words };
    });
}

async function problemsOf(page, file) {
    const asked = [];
    const own = pathToFileURL(resolve(file)).href;
    const listen = (request) => {
        const url = request.url();
        if (url !== own && !url.startsWith("data:")) asked.push(`asks for ${url}`);
    };
    page.on("request", listen);
    await page.goto(own);
    const slides = await page.evaluate(measure);
    page.off("request", listen);
    const overflows = slides.flatMap(({ pixels, words }, i) =>
        pixels > 0 ? [`slide ${i + 1} overflows by ${pixels} px: ${words}`] : []);
    const empty = slides.length ? [] : ["has no slides"];
    return { count: slides.length, problems: [...asked, ...empty, ...overflows] };
}

const browser = await openBrowser();
try {
    const page = await browser.newPage({ viewport: { width: 1280, height: 720 } });
    await page.emulateMedia({ media: "print" });  // marp shows all slides at once in print only
    for (const file of process.argv.slice(2)) {
        const name = basename(file, ".html");
        const { count, problems } = await problemsOf(page, file);
        for (const problem of problems) console.log(`not ok ${name}: ${problem}`);
        if (problems.length) process.exitCode = 1;
        else console.log(`ok ${name}: ${count} slides`);
    }
} finally {
    await browser.close();
}
