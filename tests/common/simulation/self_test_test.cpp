// The self-test stops a program whose hooks are not in place, before it judges anybody.
#include <stdio.h>

#include <course/simulation/catch.hpp>
#include <string>

namespace {

std::string output_of(const std::string& command) {
    std::string text;
    FILE* pipe = popen((command + " 2>&1").c_str(), "r");
    for (int c; pipe != nullptr && (c = fgetc(pipe)) != EOF;) {
        text.push_back(static_cast<char>(c));
    }
    if (pipe != nullptr) {
        pclose(pipe);
    }
    return text;
}

}  // namespace

TEST_CASE("a program with an uninstrumented object first is refused", "[instrumented]") {
    const std::string output = output_of(SIMULATION_UNINSTRUMENTED);
    CHECK(output.find("compile every object of the program with the flags of") !=
          std::string::npos);
}
