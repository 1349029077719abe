// Encoding and decoding of the records between a test program and the grader.
#include <course/testing/report_channel.hpp>

namespace course::testing {

namespace {
constexpr char unit_separator = '\x1f';
constexpr char record_separator = '\x1e';

void append_clean(std::string& out, std::string_view field) {
    for (const char c : field)
        if (c != unit_separator && c != record_separator)
            out += c;
}
}  // namespace

std::string encode(const Record& record, std::string_view nonce) {
    std::string out(nonce);
    append_clean(out, record.kind);
    for (const auto& field : record.fields) {
        out += unit_separator;
        append_clean(out, field);
    }
    out += record_separator;
    return out;
}

Received decode(std::string_view bytes, std::string_view nonce) {
    Received received;
    for (;;) {
        const auto end = bytes.find(record_separator);
        if (end == std::string_view::npos)
            break;
        auto text = bytes.substr(0, end);
        bytes.remove_prefix(end + 1);
        if (text.substr(0, nonce.size()) != nonce) {
            received.forged = true;
            continue;
        }
        text.remove_prefix(nonce.size());
        Record record;
        auto unit = text.find(unit_separator);
        record.kind = text.substr(0, unit);
        while (unit != std::string_view::npos) {
            text.remove_prefix(unit + 1);
            unit = text.find(unit_separator);
            record.fields.emplace_back(text.substr(0, unit));
        }
        received.records.push_back(std::move(record));
    }
    return received;
}

}  // namespace course::testing
