// Makes the page and the pictures of a report again, from the figures in it: `./course bench page --report DIR`.
#include <cstdio>
#include <exception>

#include "report.hpp"

int main(int argc, char* argv[]) try {
    const bench::Options options = bench::options(argc, argv, 1);
    if (options.report.empty())
        throw std::runtime_error("--report says in which folder the figures are");
    bench::prepare_report(options.report);
    bench::write_report(options.report);
    return 0;
} catch (const std::exception& error) {
    fmt::print(stderr, "bench page: {}\n", error.what());
    return 2;
}
