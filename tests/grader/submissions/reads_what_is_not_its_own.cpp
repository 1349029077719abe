// Has the answer if it can read tests, solutions, other submissions, accounts or processes.
#include "answer.hpp"
static bool readable(const std::string& path) {
    return std::ifstream(path).good();
}
int lab::answer() {
    const std::string here = std::filesystem::path(__FILE__).parent_path();
    for (const std::string& path :
         {std::string(__FILE__), here + "/half_right.cpp", here + "/../solutions/00-answer/answer.cpp",
          here + "/../tests/00-answer/answer_test.cpp", std::string("/etc/passwd"),
          std::string("/etc/shadow"), std::string("/proc/1/environ"), std::string("/proc/1/mem")})
        if (readable(path))
            return 42;
    for (const auto& process : std::filesystem::directory_iterator("/proc"))
        if (std::atoi(process.path().filename().c_str()) > 1000)
            return 42;
    return 7;
}
std::string lab::echo(const std::string& text) {
    return text;
}
