// What the browser test measures inside a page; each function runs there, so it uses nothing from outside itself.

/** The page must not be wider than the window; what scrolls by itself, like long code, may be. */
export function clippedWidth() {
    return [document.scrollingElement, document.querySelector("#doc-content")]
        .filter((element) => element && element.scrollWidth > element.clientWidth)
        .map((element) => `is ${element.scrollWidth - element.clientWidth} px wider than the window`)
        .slice(0, 1);
}

/** Every text that can be seen must have this contrast with what is behind it (WCAG 2.1, success criterion 1.4.3). */
export function faintestText(limit) {
    const channels = (color) => color.match(/[\d.]+/g).map(Number);
    const luminance = (color) => {
        const linear = (c) => (c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
        const [r, g, b] = channels(color).map((channel) => linear(channel / 255));
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const behind = (element) => {
        for (let e = element; e; e = e.parentElement) {
            const color = getComputedStyle(e).backgroundColor;
            if ((channels(color)[3] ?? 1) > 0) return color;
        }
        return "rgb(255, 255, 255)";
    };
    const contrast = (element) => {
        const [dark, light] = [getComputedStyle(element).color, behind(element)].map(luminance).sort((a, b) => a - b);
        return (light + 0.05) / (dark + 0.05);
    };
    const isText = (node) => node.nodeType === Node.TEXT_NODE && node.data.trim();
    const hasText = (element) => [...element.childNodes].some(isText);
    const faint = [...document.body.querySelectorAll(":not(iframe, object)")]
        .filter((element) => element.checkVisibility({ visibilityProperty: true }) && hasText(element))
        .map((element) => ({ text: element.textContent.trim().slice(0, 40), value: contrast(element) }))
        .filter(({ value }) => value < limit)
        .sort((a, b) => a.value - b.value);
    return faint.slice(0, 1).map(({ text, value }) => `contrast ${value.toFixed(1)} is under ${limit}: ${text}`);
}
