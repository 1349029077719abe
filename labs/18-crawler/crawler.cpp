// Your work in lab 18: where a link leads, and a crawler that visits each page once and is kind to its hosts.
#include "crawler.hpp"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <course/testing/not_implemented.hpp>
#include <deque>
#include <exception>
#include <map>
#include <set>
#include <utility>

namespace lab {

using boost::asio::awaitable;
using boost::asio::use_awaitable;
using Clock = std::chrono::steady_clock;

// Given.
std::vector<std::string> links_of(const std::string& html) {
    const std::string mark = "href=\"";
    std::vector<std::string> links;
    for (std::size_t at = html.find(mark); at != html.npos; at = html.find(mark, at)) {
        at += mark.size();
        links.push_back(html.substr(at, html.find('"', at) - at));
    }
    return links;
}

std::optional<std::string> resolve([[maybe_unused]] const std::string& base,
                                   [[maybe_unused]] const std::string& link) {
    // TODO(18.1): what is missing in the link comes from the base; course::Url::parse takes an address apart.
    throw course::NotImplemented("18.1");
}

struct Crawler::State {
    State(course::Http& by, const Limits& may) : http(by), limits(may) {}
    course::Http& http;
    const Limits limits;
    // TODO(18.2): which pages were found, which of them wait for their turn, how many are in flight.
    // TODO(18.3): how many of these are to which host.
};

Crawler::Crawler(course::Http& http, Limits limits) : state_(new State(http, limits)) {}
Crawler::~Crawler() = default;

awaitable<Report> Crawler::crawl([[maybe_unused]] std::vector<std::string> starts) {
    // TODO(18.2): begin requests as long as it is allowed, and wait until one is over.
    // TODO(18.4): tries, pauses, patience, sizes, redirects.
    throw course::NotImplemented("18.2");
}

void Crawler::stop() {
    // TODO(18.5): let nothing begin any more, and wake who waits.
    throw course::NotImplemented("18.5");
}

}  // namespace lab
