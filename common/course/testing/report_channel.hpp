// The wire format between a test program and the grader: records on a private socket.
//
//     grader --- nonce (32 characters) ------------------------------------------> test program
//     grader <-- nonce kind US field US field RS, nonce kind US ... RS -- one by one -- test
//     program
//
// The test program takes the nonce before any code of the student runs and then forgets where it
// came from. A record without the nonce is not believed and is itself a finding. The separators are
// the ASCII control characters that exist for this (US 0x1f, RS 0x1e); they are taken out of the
// fields.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace course::testing {

/// Environment variable that names the descriptor of the channel.
inline constexpr const char* channel_variable = "COURSE_REPORT_FD";
/// Length of the nonce in characters.
inline constexpr std::size_t nonce_length = 32;

/// One event of a test case, in the order in which they happened.
struct Record {
    /// begin, hint, missing, failure, returned, end: see test_main.cpp for the fields of each.
    std::string kind;
    /// What belongs to the event, as text.
    std::vector<std::string> fields;

    /// Field \p index, or an empty text if the record is shorter.
    std::string field(std::size_t index) const {
        return index < fields.size() ? fields[index] : std::string();
    }
};

/// \p record as it goes over the channel.
std::string encode(const Record& record, std::string_view nonce);

/// What came over a channel.
struct Received {
    /// The records that carried the nonce.
    std::vector<Record> records;
    /// Whether something else came as well: somebody else wrote to the channel.
    bool forged = false;
};

/// Take the records out of \p bytes; the rest of a record that was cut short by a crash is dropped.
Received decode(std::string_view bytes, std::string_view nonce);

}  // namespace course::testing
