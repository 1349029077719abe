// What a page costs a crawler: coroutines, threads and Python's asyncio at the same site: `./course bench crawler`.
//
// The site is served by a thread of this program. All crawl it in turn, in rounds, in one run; the table has medians.
#include <fmt/format.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <cstdio>
#include <exception>
#include <iostream>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <vector>

#include <course/workloads/http_client.hpp>
#include <course/workloads/web_site.hpp>

#include "crawler.hpp"
#include "measuring.hpp"
#include "threads.hpp"

namespace {

using Clock = std::chrono::steady_clock;
using Addresses = std::vector<std::string>;
using bench::median;
using bench::ratio;
using bench::Samples;
constexpr std::size_t hosts = 4;
constexpr std::size_t pages_of_a_host = 250;
constexpr std::size_t pages = hosts * pages_of_a_host;

lab::Limits limits_of(std::size_t at_once) {
    lab::Limits limits;
    limits.in_flight = limits.per_host = at_once;
    return limits;
}

/// Seconds that \p crawl takes. It returns the number of pages.
template <class Crawl>
double timed(const Crawl& crawl) {
    const auto start = Clock::now();
    if (const std::size_t found = crawl(); found != pages)
        throw std::runtime_error(fmt::format("{} pages of {} were found", found, pages));
    return std::chrono::duration<double>(Clock::now() - start).count();
}

std::size_t with_coroutines(const Addresses& starts, std::size_t at_once) {
    course::HttpClient http;
    lab::Crawler crawler(http, limits_of(at_once));
    boost::asio::io_context loop(1);
    std::size_t count = 0;
    boost::asio::co_spawn(
        loop, crawler.crawl(starts),
        [&](std::exception_ptr, const lab::Report& report) { count = report.pages.size(); });
    loop.run();
    return count;
}

std::size_t with_threads(const Addresses& starts, std::size_t at_once) {
    course::HttpClient http;
    return lab::ThreadedCrawler(http, limits_of(at_once)).crawl(starts).pages.size();
}

/// Seconds that Python takes for the same; false if it isn't there.
bool measure_python(Samples& samples, const std::string& name, const std::string& script,
                    const Addresses& starts, std::size_t at_once) {
    std::string command = script + " " + std::to_string(at_once);
    for (const std::string& start : starts)
        command += " " + start + "/";
    const auto output = bench::python(command);
    double seconds = 0;
    std::size_t found = 0;
    if (!output || std::sscanf(output->c_str(), "%lf %zu", &seconds, &found) != 2 || found != pages)
        return false;
    samples["python " + name].push_back(seconds);
    return true;
}

void print(Samples& samples, const std::string& name, const std::string& title) {
    fmt::print("{}\n", title);
    const auto& ours = samples["coroutines " + name];
    for (const std::string who : {"coroutines", "threads", "python"}) {
        const auto& theirs = samples[who + " " + name];
        if (!theirs.empty())
            fmt::print("  {:<28} {:>8.0f} us a page {:>8.2f} times as long\n",
                       who == "python" ? "Python's asyncio" : who,
                       median(theirs) * 1e6 / double(pages), ratio(theirs, ours));
    }
}

}  // namespace

int main(int argc, char* argv[]) try {
    const bench::Options options = bench::options(argc, argv, 15);
    const int rounds = options.rounds;
    struct Load {
        std::string name;
        std::string title;
        std::chrono::milliseconds delay;
        std::size_t at_once;
    };
    const std::vector<Load> loads = {
        {"0 ms", fmt::format("{} pages that are there at once, 64 in flight", pages),
         std::chrono::milliseconds(0), 64},
        {"20 ms",
         fmt::format("{} pages of 20 ms, 256 in flight (at best {:.0f} us a page)", pages,
                     20'000.0 / 256),
         std::chrono::milliseconds(20), 256}};
    Samples samples;
    bool python = true;
    for (const Load& load : loads) {
        const course::WebSite site(hosts, [&](const Addresses& addresses) {
            return course::seeded_pages(addresses, pages_of_a_host, 18, load.delay);
        });
        const Addresses& starts = site.addresses();
        with_coroutines(starts, load.at_once);  // warm up
        for (int round = 0; round < rounds; ++round) {
            samples["coroutines " + load.name].push_back(
                timed([&] { return with_coroutines(starts, load.at_once); }));
            samples["threads " + load.name].push_back(
                timed([&] { return with_threads(starts, load.at_once); }));
            python =
                python && measure_python(samples, load.name, options.script, starts, load.at_once);
        }
    }
    if (options.json) {
        std::cout
            << nlohmann::json{{"pages", pages}, {"rounds", rounds}, {"seconds", samples}}.dump(2)
            << "\n";
        return 0;
    }
    for (const Load& load : loads)
        print(samples, load.name, load.title);
    fmt::print("\nmedians of {} rounds{}\n", rounds, python ? "" : "; python3 was not measured");
    return 0;
} catch (const std::exception& error) {
    fmt::print(stderr, "{}\n", error.what());
    return 2;
}
