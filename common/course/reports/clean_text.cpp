// Makes text visible byte by byte where it is not plain.
#include <course/reports/clean_text.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>

namespace course::reports {

namespace {

/// One character of UTF-8.
struct Character {
    std::size_t length = 0;  // in bytes; 0 if there is none
    std::uint32_t code = 0;
};

Character character_at(const std::string& text, std::size_t at) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const unsigned char first = byte(at);
    const std::size_t length = first < 0x80                    ? 1
                               : first >= 0xc2 && first < 0xe0 ? 2
                               : first >= 0xe0 && first < 0xf0 ? 3
                               : first >= 0xf0 && first < 0xf5 ? 4
                                                               : 0;
    if (length == 0 || at + length > text.size())
        return {};
    std::uint32_t code = length == 1 ? first : first & (0x7fU >> length);
    for (std::size_t i = 1; i < length; ++i) {
        if ((byte(at + i) & 0xc0) != 0x80)
            return {};
        code = code << 6 | (byte(at + i) & 0x3fU);
    }
    const bool overlong = (length == 3 && code < 0x800) || (length == 4 && code < 0x10000);
    const bool surrogate = code >= 0xd800 && code < 0xe000;
    return overlong || surrogate || code > 0x10ffff ? Character{} : Character{length, code};
}

/// Whether a reader sees it as what it is, and XML 1.0 can hold it.
bool is_plain(std::uint32_t code) {
    if (code == '\n' || code == '\t')
        return true;
    const bool control = code < 0x20 || (code >= 0x7f && code < 0xa0);
    const bool turns_around =
        (code >= 0x202a && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069);
    return !control && !turns_around && code != 0xfffe && code != 0xffff;
}

}  // namespace

std::string printable(const std::string& text) {
    std::string out;
    for (std::size_t at = 0; at < text.size();) {
        const Character character = character_at(text, at);
        const std::size_t length = std::max<std::size_t>(character.length, 1);
        if (character.length > 0 && is_plain(character.code))
            out += text.substr(at, length);
        else
            for (std::size_t i = at; i < at + length; ++i)
                out += fmt::format("\\x{:02x}", static_cast<unsigned char>(text[i]));
        at += length;
    }
    return out;
}

std::string html_text(const std::string& text) {
    std::string out;
    for (const char c : printable(text))
        switch (c) {
            case '&':
                out += "&amp;";
                break;
            case '<':
                out += "&lt;";
                break;
            case '>':
                out += "&gt;";
                break;
            case '"':
                out += "&quot;";
                break;
            case '\'':
                out += "&#39;";
                break;
            default:
                out += c;
        }
    return out;
}

std::string first_lines(const std::string& text, int lines) {
    std::size_t at = 0;
    while (lines-- > 0 && at != std::string::npos)
        at = text.find('\n', at == 0 ? 0 : at + 1);
    return at == std::string::npos ? text : text.substr(0, at) + "\n…";
}

std::string shortened(const std::string& text, std::size_t most) {
    return text.size() <= most ? text
                               : text.substr(0, most) + fmt::format("… ({} bytes)", text.size());
}

}  // namespace course::reports
