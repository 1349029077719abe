// How marp renders every deck: our theme, nothing from the network, `$` is a prompt and not mathematics.
import { fileURLToPath } from "node:url";

export default {
    theme: fileURLToPath(new URL("../theme/kitchens.css", import.meta.url)),
    options: {
        emoji: { shortcode: false, unicode: false },
        math: false,
    },
    engine: ({ marp }) => {
        const isUsual = marp.markdown.validateLink;
        // markdown-it refuses SVG pictures in data URIs; ours come from this repository.
        marp.markdown.validateLink = (url) => url.startsWith("data:image/svg+xml;base64,") || isUsual(url);
        return marp;
    },
};
