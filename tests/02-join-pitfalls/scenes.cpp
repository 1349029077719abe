// What the pictures of who ran when show.
#include <chrono>
#include <course/simulation/catch.hpp>
#include <string>
#include <thread>

#include "downloads.hpp"

using namespace std::chrono_literals;

namespace {

std::string download(const std::string& address) {
    std::this_thread::sleep_for(std::chrono::seconds(address[0] - '0'));
    return address;
}

}  // namespace

TEST_CASE("eight downloads", "[.scene]") {
    course::simulate([] { lab::download_all(lab::Addresses(8, "1 s"), download); });
}

TEST_CASE("three downloads", "[.scene]") {
    course::simulate([] { lab::download_all({"3 s", "1 s", "2 s"}, download); });
}
