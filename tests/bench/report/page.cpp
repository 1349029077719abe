// The page of a report: one file of HTML, with its pictures in it.
#include <set>

#include "report.hpp"

namespace bench {

namespace {

constexpr const char* style = R"(
:root { color-scheme: light; }
body { font: 16px/1.5 system-ui, sans-serif; color: #3a2a1e; background: #fffdf9; max-width: 76rem; margin: 2rem auto; padding: 0 1rem; }
h1, h2, h3 { color: #b5541c; line-height: 1.2; }
figure { margin: 1.5rem 0; overflow-x: auto; }
figure svg { max-width: 100%; height: auto; background: #fff; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: .9rem; }
th, td { padding: .2rem .7rem; text-align: right; border-bottom: 1px solid #ecdcc8; white-space: nowrap; }
th { background: #fdf3e7; }
th:first-child, td:first-child { text-align: left; }
.origin { color: #75604e; font-size: .9rem; }
)";

/// An SVG without what only a file of its own has: declarations, and ids that a second picture has as well.
std::string embedded(std::string svg, const std::string& name) {
    svg.erase(0, std::min(svg.find("<svg"), svg.size()));
    std::string all;
    for (std::size_t at = 0; at < svg.size();) {
        const std::string_view rest = std::string_view(svg).substr(at);
        const std::string_view found[] = {"id=\"", "id='", "url(#", "href='#", "href=\"#"};
        std::size_t length = 0;
        for (const std::string_view mark : found)
            if (rest.starts_with(mark))
                length = mark.size();
        all +=
            length > 0 ? std::string(rest.substr(0, length)) + name + "-" : std::string(1, svg[at]);
        at += std::max<std::size_t>(length, 1);
    }
    return all;
}

std::string html(const Section& section, const std::map<std::string, std::string>& pictures) {
    std::string text = fmt::format("<section id=\"{}\">\n<h2>{}</h2>\n<p>{}</p>\n", section.name,
                                   escaped(section.title), escaped(section.measured));
    text += fmt::format("<p class=\"origin\">{}, {}. <code>{}</code></p>\n",
                        escaped(section.origin.machine.in_words()), section.origin.date,
                        escaped(section.origin.command));
    for (const Section::Picture& picture : section.pictures)
        if (const auto drawn = pictures.find(picture.name); drawn != pictures.end())
            text += fmt::format("<figure role=\"img\" aria-label=\"{}\">\n{}</figure>\n",
                                escaped(picture.about), embedded(drawn->second, picture.name));
    if (!section.remarks.empty()) {
        text += "<h3>What follows from it</h3>\n<ul>\n";
        for (const std::string& remark : section.remarks)
            text += "<li>" + escaped(remark) + "</li>\n";
        text += "</ul>\n";
    }
    for (const Section::Part& part : section.parts)
        text += fmt::format("<h3>{}</h3>\n<div class=\"wide\">\n{}</div>\n", escaped(part.title),
                            part.grid.html());
    return text + "</section>\n";
}

}  // namespace

std::string page(const std::vector<Section>& sections,
                 const std::map<std::string, std::string>& pictures) {
    std::string text =
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
        "<meta name=\"viewport\" content=\"width=device-width\">\n"
        "<title>Three Kitchens, measured</title>\n<style>";
    text += style;
    text += "</style>\n</head>\n<body>\n<h1>Three Kitchens, measured</h1>\n";
    text +=
        "<p>Times are medians. All that is compared was measured in turn, in one run. Absolute "
        "times are those of one machine; ratios travel better.</p>\n";
    for (const Section& section : sections)
        text += html(section, pictures);
    return text + "</body>\n</html>\n";
}

}  // namespace bench
