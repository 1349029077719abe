// Contract of lab 18: a crawler that visits a site with many requests at once, on one thread.
//
//     starts ─▶ found, not begun ─▶ in flight ─▶ pages
//                  ▲   ▲              │  │
//                  │   └── links ─────┘  │
//                  └── another try ──────┘      stop: what is found and not begun is left
#pragma once

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <course/workloads/http.hpp>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace lab {

/// The page that \p link means on the page \p base (18.1), in the one form in which a crawler compares addresses.
///
/// A link may be relative, as in RFC 3986: `soup`, `../soup`, `/soup`, `?day=2`, `//other.host/soup`, `#top`, or nothing. The
/// form: scheme and host in small letters, no `:80`, a path that begins with `/` and has no `.` or `..` in it, the query as
/// it was, no fragment.
/// \param base  such an address.
/// \return  nothing if it is no `http` address, such as `mailto:chef@kitchen` or `https://kitchen/`.
/// \source  RFC 3986, 5.2 and 6.2.
std::optional<std::string> resolve(const std::string& base, const std::string& link);

/// The links of a page, as they are written in it: what is in its `href="..."`. Given.
std::vector<std::string> links_of(const std::string& html);

/// What a crawler may take.
struct Limits {
    /// Requests in flight at most: from `get` until the reply is destroyed.
    std::size_t in_flight = 8;
    /// Of these, to one host (and port).
    std::size_t per_host = 2;
    /// How often a page is asked for that can't be had.
    unsigned tries = 3;
    /// Pause between a page's first try and its second; it doubles from try to try.
    std::chrono::milliseconds back_off{1000};
    /// A try may take so long, from `get` to the last byte.
    std::chrono::milliseconds patience{10'000};
    /// Bytes of a body; one that is longer isn't read to its end.
    std::size_t page_size = 1'000'000;
    /// So many redirects in a row are followed.
    unsigned redirects = 5;
};

/// What came of a page.
struct Page {
    /// Its address, as `resolve` gives it.
    std::string url;
    /// Of the last try's answer; 0 if none came, or not all of it.
    int status = 0;
    /// Bytes of its body, as far as it was read if it is too large; 0 if none came, or not all of it.
    std::size_t size = 0;
    /// How often it was asked for.
    unsigned tries = 0;
    /// In words, if there is no whole answer, if it is too large, or if too many redirects led to it; else empty, whatever the
    /// status.
    std::string problem;
};

/// What came of a crawl.
struct Report {
    /// The pages that were visited, in any order.
    std::vector<Page> pages;
    /// The pages that were found and are not among them, because the crawler was stopped, in any order.
    std::vector<std::string> left;
};

/// Visits the pages of a site.
///
/// 18.2 It asks for the start pages, for each page that they link to, and so on: for each page once, and only at the hosts
/// (and ports) of the start pages. At most `in_flight` requests are in flight. As soon as one is over, the next
/// begins, if there is one that may: of these, the page that was found first. All of it is done by the thread that runs
/// the loop.
///
/// 18.3 At most `per_host` of them are to one host. A page that has to wait for its host keeps no page of another host
/// waiting.
///
/// 18.4 A page is asked for again if its try had no whole answer within `patience`, or one with a status from 500 on. Before that there
/// is a pause, in which the page is not in flight. After `tries` tries it is what it is. A redirect (a status from 300 to 399 and a
/// `location`) is a page, whose target is found as a link is; unless `redirects` redirects in a row have led to it: then that
/// is its problem. Only pages with a status from 200 to 299 have links. A page that is larger than `page_size` has a
/// problem and no links; its size is no reason to ask again. Where a page queues after its pause is up to you.
///
/// 18.5 `stop`: no request begins any more. Those in flight go on as ever, and their links are found. Then `crawl` returns;
/// a page that would be asked for again is left, and nobody waits for its pause.
///
/// \thread_safety  none: `crawl` and `stop` are called on the thread that runs the loop.
class Crawler {
  public:
    /// A crawler that asks by \p http, which must live longer.
    Crawler(course::Http& http, Limits limits);
    ~Crawler();
    Crawler(const Crawler&) = delete;
    Crawler& operator=(const Crawler&) = delete;

    /// Visit the site that begins at \p starts. Once for each crawler.
    /// \param starts  brought into the form of `resolve` first; what is no page is ignored.
    /// \return  when nothing is in flight, and nothing is found that will begin.
    /// \throws std::invalid_argument  if `in_flight`, `per_host` or `tries` is 0 (18.2).
    boost::asio::awaitable<Report> crawl(std::vector<std::string> starts);
    /// Begin no more requests; also before `crawl`.
    void stop();

    /// What a crawl has in hand. You define it, in crawler.cpp.
    struct State;

  private:
    std::unique_ptr<State> state_;
};

}  // namespace lab
