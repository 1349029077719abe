// The records between a test program and the grader.
#include <course/testing/report_channel.hpp>
#include <course/testing/testing.hpp>

using course::testing::decode;
using course::testing::encode;

namespace {
const std::string nonce = "0123456789abcdef0123456789abcdef";
}

TEST_CASE("records come back as they were sent and in order") {
    const auto received = decode(
        encode({"begin", {"a name"}}, nonce) + encode({"end", {"3", "0", ""}}, nonce), nonce);
    REQUIRE(received.records.size() == 2);
    CHECK(received.records[0].kind == "begin");
    CHECK(received.records[0].field(0) == "a name");
    CHECK(received.records[1].fields == std::vector<std::string>{"3", "0", ""});
    CHECK(received.records[1].field(7).empty());
    CHECK_FALSE(received.forged);
}

TEST_CASE("a field cannot end its record or begin another") {
    const auto received = decode(encode({"hint",
                                         {"a\x1e" + nonce +
                                          "end\x1f"
                                          "99"}},
                                        nonce),
                                 nonce);
    REQUIRE(received.records.size() == 1);
    CHECK(received.records[0].fields.size() == 1);
}

TEST_CASE("a record with another nonce is not believed and is noticed") {
    const auto received = decode(encode({"end", {"2", "0", ""}}, std::string(32, '0')), nonce);
    CHECK(received.records.empty());
    CHECK(received.forged);
}

TEST_CASE("a record that a crash cut short is dropped") {
    const std::string whole = encode({"begin", {"x"}}, nonce);
    const auto received = decode(whole + whole.substr(0, whole.size() - 1), nonce);
    CHECK(received.records.size() == 1);
    CHECK_FALSE(received.forged);
}
