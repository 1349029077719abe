// A site on loopback with all that a crawler meets, then more and more requests at once: coroutines, and threads.
#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <course/testing/not_implemented.hpp>
#include <course/workloads/http_client.hpp>
#include <course/workloads/web_site.hpp>
#include <cstdio>
#include <exception>
#include <functional>
#include <string>
#include <vector>

#include "crawler.hpp"
#include "threads.hpp"

namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;
using Addresses = std::vector<std::string>;
using course::html_link;
using course::WebPage;
using course::WebSite;

double seconds_since(Clock::time_point start) {
    return std::chrono::duration<double>(Clock::now() - start).count();
}

/// Runs yours in a loop of its own.
lab::Report crawl(const Addresses& starts, const lab::Limits& limits) {
    course::HttpClient http;
    lab::Crawler crawler(http, limits);
    boost::asio::io_context loop(1);
    lab::Report report;
    std::exception_ptr thrown;
    boost::asio::co_spawn(loop, crawler.crawl(starts),
                          [&](std::exception_ptr error, lab::Report all) {
                              thrown = error;
                              report = std::move(all);
                          });
    loop.run();
    if (thrown)
        std::rethrow_exception(thrown);
    return report;
}

/// A line of the output, or what is missing for it.
void line(const std::string& what, const std::function<void()>& print) {
    std::printf("  %-30s ", what.c_str());
    std::fflush(stdout);
    try {
        print();
    } catch (const course::NotImplemented& missing) {
        std::printf("%s is not there yet\n", missing.item().c_str());
    }
}

void show_links() {
    std::puts("On the page http://kitchen/menu/soup the link ... means");
    for (const char* link : {"stew", "../stew#top", "//Other.Kitchen:80", "?day=2", "mailto:chef"})
        line(link, [&] {
            const auto meant = lab::resolve("http://kitchen/menu/soup", link);
            std::puts(meant ? meant->c_str() : "no page");
        });
}

std::vector<WebSite::Pages> a_bit_of_everything(const Addresses& addresses) {
    return {{{"/",
              {html_link("soup") + html_link("./soup#top") + html_link("broken") +
               html_link("busy") + html_link("slow") + html_link("endless") + html_link("moved") +
               html_link("loop") + html_link(addresses[1] + "/")}},
             {"/soup", {html_link("/") + html_link("not-there")}},
             {"/broken", {.text = "half of", .body = WebPage::Body::broken}},
             {"/busy", {.text = "", .failures = 1}},
             {"/slow", {.text = "", .delay = 10s}},
             {"/endless", {.text = "", .body = WebPage::Body::endless}},
             {"/moved", {.text = "", .status = 301, .location = "soup"}},
             {"/loop", {.text = "", .status = 302, .location = "loop"}}},
            {{"/", {html_link(addresses[0] + "/soup")}}}};
}

void show_pages() {
    std::puts("\nA site with a bit of everything, on the hosts a and b");
    const WebSite site(2, a_bit_of_everything);
    lab::Limits limits;
    limits.tries = 2;
    limits.back_off = 100ms;
    limits.patience = 500ms;
    line("page", [&] {
        auto report = crawl(site.addresses(), limits);
        std::sort(report.pages.begin(), report.pages.end(),
                  [](const auto& a, const auto& b) { return a.url < b.url; });
        std::puts("tries  status   bytes");
        for (const lab::Page& page : report.pages) {
            const bool of_a = page.url.find(site.addresses()[0] + "/") == 0;
            std::printf("  %s%-29s %5u %7d %7zu  %s\n", of_a ? "a" : "b",
                        page.url.substr(page.url.find('/', 7)).c_str(), page.tries, page.status,
                        page.size, page.problem.c_str());
        }
    });
}

void show_speed() {
    std::puts("\n400 pages of 20 ms on 4 hosts, in s        coroutines     threads");
    const WebSite site(4, [](const Addresses& addresses) {
        return course::seeded_pages(addresses, 100, 18, 20ms);
    });
    for (const std::size_t at_once : {4u, 16u, 64u, 256u})
        line(std::to_string(at_once) + " at once", [&] {
            lab::Limits limits;
            limits.in_flight = limits.per_host = at_once;
            auto start = Clock::now();
            const std::size_t pages = crawl({site.addresses()}, limits).pages.size();
            std::printf("%19.2f ", seconds_since(start));
            start = Clock::now();
            course::HttpClient http;
            lab::ThreadedCrawler threads(http, limits);
            const std::size_t same = threads.crawl(site.addresses()).pages.size();
            std::printf("%11.2f %s\n", seconds_since(start),
                        pages == same ? "" : "  and not the same pages");
        });
}

}  // namespace

int main() {
    show_links();
    show_pages();
    show_speed();
}
