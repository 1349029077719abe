// The rubric of lab 18: a crawler and a real HTTP server, in virtual time.
//
//     this thread: the crawler's loop ── Watched ── HttpClient ── TCP ── WebSite: a thread, a loop
//
// Virtual time passes only when both wait, so a page that takes a second takes exactly that.
#include "crawler.hpp"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <course/simulation/catch.hpp>
#include <course/testing/testing.hpp>
#include <course/workloads/http_client.hpp>
#include <course/workloads/web_site.hpp>
#include <exception>
#include <map>
#include <optional>
#include <string>
#include <thread>
#include <vector>

using namespace std::chrono_literals;
using boost::asio::awaitable;
using boost::asio::io_context;
using course::html_link;
using course::Verdict;
using course::WebPage;
using course::WebSite;
using course::testing::hint;
using Clock = std::chrono::steady_clock;
using Addresses = std::vector<std::string>;

namespace {

/// "1.0", "11.5"; with microseconds if it is no tenth of a second.
std::string seconds(Clock::duration time) {
    const auto count = std::chrono::duration_cast<std::chrono::microseconds>(time).count();
    const std::string fraction = std::to_string(1'000'000 + count % 1'000'000).substr(1);
    return std::to_string(count / 1'000'000) + "." +
           (count % 100'000 == 0 ? fraction.substr(0, 1) : fraction);
}

std::string joined(std::vector<std::string> words) {
    std::sort(words.begin(), words.end());
    std::string text;
    for (const std::string& word : words)
        text += (text.empty() ? "" : " ") + word;
    return text;
}

/// What a crawler did, and what came of it. Hosts are called a, b and so on.
struct Crawl {
    Verdict verdict = Verdict::pass;
    std::string thrown;
    std::map<std::string, lab::Page> pages;  // by address
    std::size_t reported = 0;                // pages in the report, the same ones counted each time
    std::vector<std::string> left;
    std::string returned;                      // when crawl did, in seconds
    std::string loop_over;                     // when nothing was left to do in the loop
    std::map<std::string, std::string> asked;  // when each page was asked for
    std::size_t requests = 0;
    int at_once = 0;
    std::map<std::string, int> at_once_by_host;
    std::map<std::string, std::size_t> bytes;  // that were read of each page
    int alive = 0;                             // requests that never ended
    std::map<std::string, int> alive_by_host;
    int elsewhere = 0;  // requests made on another thread than the loop's
    int strangers = 0;  // requests to a host and port that is none of the site's

    std::string names() const {
        std::vector<std::string> all;
        for (const auto& [url, page] : pages)
            all.push_back(url);
        return joined(all);
    }
    std::string when(const std::string& url) const {
        const auto found = asked.find(url);
        return found == asked.end() ? "never" : found->second;
    }
    int most_at(const std::string& host) const {
        const auto found = at_once_by_host.find(host);
        return found == at_once_by_host.end() ? 0 : found->second;
    }
    lab::Page page(const std::string& url) const {
        const auto found = pages.find(url);
        return found == pages.end() ? lab::Page{"missing: " + url, -1, 0, 0, ""} : found->second;
    }
};

/// HTTP as the crawler sees it, and what we note of it.
class Watched final : public course::Http {
  public:
    Watched(Crawl& notes, const Addresses& addresses) : notes_(notes), addresses_(addresses) {}

    awaitable<std::unique_ptr<course::HttpReply>> get(std::string url) override {
        auto stay = std::make_unique<Stay>(notes_, short_name(url));
        std::string& asked = notes_.asked[stay->page];
        asked += (asked.empty() ? "" : " ") + seconds(Clock::now() - start_);
        ++notes_.requests;
        notes_.strangers += stay->page == url;
        notes_.elsewhere += std::this_thread::get_id() != thread_;
        auto reply = co_await client_.get(url);
        co_return std::make_unique<Reply>(std::move(reply), std::move(stay));
    }
    /// The address \p url with its host called a, b and so on.
    std::string short_name(const std::string& url) const {
        for (std::size_t i = 0; i < addresses_.size(); ++i)
            if (url.rfind(addresses_[i], 0) == 0)
                return std::string(1, static_cast<char>('a' + i)) +
                       url.substr(addresses_[i].size());
        return url;
    }

  private:
    /// A request in flight.
    struct Stay {
        Stay(Crawl& all, std::string name) : notes(all), page(std::move(name)) {
            const std::string host = page.substr(0, page.find('/'));
            notes.at_once = std::max(notes.at_once, ++notes.alive);
            auto& most = notes.at_once_by_host[host];
            most = std::max(most, ++notes.alive_by_host[host]);
        }
        ~Stay() {
            --notes.alive;
            --notes.alive_by_host[page.substr(0, page.find('/'))];
        }
        Stay(const Stay&) = delete;
        Stay& operator=(const Stay&) = delete;
        Crawl& notes;
        const std::string page;
    };
    class Reply final : public course::HttpReply {
      public:
        Reply(std::unique_ptr<course::HttpReply> reply, std::unique_ptr<Stay> stay)
            : stay_(std::move(stay)), reply_(std::move(reply)) {
            status = reply_->status;
            location = reply_->location;
        }
        awaitable<std::string> read_some() override {
            std::string piece = co_await reply_->read_some();
            stay_->notes.bytes[stay_->page] += piece.size();
            co_return piece;
        }

      private:
        std::unique_ptr<Stay> stay_;
        std::unique_ptr<course::HttpReply> reply_;
    };

    Crawl& notes_;
    const Addresses& addresses_;
    const Clock::time_point start_ = Clock::now();
    const std::thread::id thread_ = std::this_thread::get_id();
    course::HttpClient client_;
};

/// Crawl the site that \p make makes on \p hosts hosts, from the first page of each; stop it after \p stop_after.
Crawl crawl(std::size_t hosts, const WebSite::Make& make, lab::Limits limits,
            std::optional<std::chrono::milliseconds> stop_after = std::nullopt) {
    Crawl notes;
    const auto run = course::simulate(
        [&] {
            notes = {};
            const WebSite site(hosts, make);
            io_context loop(1);
            Watched http(notes, site.addresses());
            lab::Crawler crawler(http, limits);
            const auto start = Clock::now();
            boost::asio::steady_timer alarm(loop);
            if (stop_after == 0ms)
                crawler.stop();
            else if (stop_after) {
                alarm.expires_after(*stop_after);
                alarm.async_wait([&](boost::system::error_code) { crawler.stop(); });
            }
            boost::asio::co_spawn(loop, crawler.crawl(site.addresses()),
                                  [&](std::exception_ptr error, const lab::Report& report) {
                                      notes.returned = seconds(Clock::now() - start);
                                      notes.reported = report.pages.size();
                                      for (lab::Page page : report.pages) {
                                          page.url = http.short_name(page.url);
                                          notes.pages[page.url] = page;
                                      }
                                      for (const std::string& url : report.left)
                                          notes.left.push_back(http.short_name(url));
                                      try {
                                          if (error)
                                              std::rethrow_exception(error);
                                      } catch (const std::invalid_argument&) {
                                          notes.thrown = "std::invalid_argument";
                                      } catch (const std::exception& other) {
                                          notes.thrown = other.what();
                                      }
                                  });
            loop.run();
            notes.loop_over = seconds(Clock::now() - start);
        },
        {.strategy = course::Strategy::in_order, .step_limit = 40'000});
    notes.verdict = run.verdict;
    return notes;
}

/// Nothing went wrong in the machine room: what every crawl must have.
void check_the_machine(const Crawl& done) {
    hint(done.verdict == Verdict::crash || done.verdict == Verdict::terminate ||
                 done.verdict == Verdict::check_failed
             ? "A crash, or an exception that nobody caught. What lives shorter than who uses it?"
         : done.verdict == Verdict::race
             ? "Requests come from several threads. A crawler has one: the one that runs the loop."
         : done.verdict == Verdict::step_limit || done.verdict == Verdict::livelock
             ? "It goes on for ever. What ends what has no end: a size, a number of tries, of "
               "redirects? Or does it look again and again, instead of sleeping?"
             : "It waits for ever. Who gives a place back when a request fails, and who wakes the "
               "loop then?");
    CHECK(done.verdict == Verdict::pass);
    hint("Requests come from several threads. A crawler has one: the one that runs the loop.");
    CHECK(done.elsewhere == 0);
    hint(
        "It asks a host and port that no start page has. Who compares them, and are both still in "
        "the address?");
    CHECK(done.strangers == 0);
    hint(
        "crawl throws. Of one page that is not there the others know nothing: where is it caught?");
    CHECK(done.thrown.empty());
    hint("A reply is still there when the crawl is over. Who holds it?");
    CHECK(done.alive == 0);
    hint("The crawl has returned, and something in the loop still waits: a timer, or a request?");
    CHECK(done.loop_over == done.returned);
}

/// Links to \p all.
std::string links(const std::vector<std::string>& all) {
    std::string text;
    for (const std::string& one : all)
        text += html_link(one);
    return text;
}

/// "PREFIX1" to "PREFIXcount".
std::vector<std::string> numbered(const std::string& prefix, int count) {
    std::vector<std::string> names;
    for (int i = 1; i <= count; ++i)
        names.push_back(prefix + std::to_string(i));
    return names;
}

/// Generous ones, so that only what a case is about is a limit.
lab::Limits many() {
    lab::Limits limits;
    limits.in_flight = 100;
    limits.per_host = 100;
    return limits;
}

}  // namespace

// --- 18.1 ---------------------------------------------------------------------------------------

namespace {

struct Link {
    const char* link;
    const char* meant;  // "" for none
};

/// Which of \p links on \p base mean something else than they should, and what; empty if none does.
std::string wrong(const std::string& base, const std::vector<Link>& links) {
    std::string all;
    for (const auto& [link, meant] : links)
        if (const auto got = lab::resolve(base, link); got.value_or("") != meant)
            all += std::string(all.empty() ? "" : ", ") + "\"" + link + "\" is " +
                   (got ? *got : "nothing");
    return all;
}

const std::string base = "http://kitchen:8080/menu/today/soup?size=2";

}  // namespace

TEST_CASE("a relative link means a page of its base", "[18.1][1 point]") {
    hint("Take the base apart. Which parts does a link replace that begins like this one?");
    CHECK(wrong(base, {{"stew", "http://kitchen:8080/menu/today/stew"},
                       {"stew?x=1", "http://kitchen:8080/menu/today/stew?x=1"},
                       {"side/", "http://kitchen:8080/menu/today/side/"},
                       {"/stew", "http://kitchen:8080/stew"}}) == "");
    CHECK(wrong("http://kitchen/", {{"stew", "http://kitchen/stew"}, {"", "http://kitchen/"}}) ==
          "");
    hint("A question mark alone keeps the path; nothing at all means the page itself.");
    CHECK(wrong(base, {{"?size=3", "http://kitchen:8080/menu/today/soup?size=3"},
                       {"", "http://kitchen:8080/menu/today/soup?size=2"}}) == "");
    hint("Two slashes: another host. A scheme: a whole address.");
    CHECK(wrong(base, {{"//other/x", "http://other/x"},
                       {"http://other:81/x?y", "http://other:81/x?y"}}) == "");
    hint("What follows the question mark is no path, whatever it looks like.");
    CHECK(wrong("http://kitchen/menu?path=/a/b", {{"stew", "http://kitchen/stew"}}) == "");
    CHECK(wrong(base, {{"stew?next=http://other/",
                        "http://kitchen:8080/menu/today/stew?next=http://other/"},
                       {"/stew?x=../y/./z", "http://kitchen:8080/stew?x=../y/./z"}}) == "");
    hint("The query as it was, even if nothing is in it.");
    CHECK(wrong(base, {{"stew?", "http://kitchen:8080/menu/today/stew?"},
                       {"?", "http://kitchen:8080/menu/today/soup?"}}) == "");
    hint("A crawler that speaks http cannot ask for these.");
    CHECK(wrong(base, {{"mailto:chef@kitchen", ""},
                       {"https://kitchen/", ""},
                       {"HTTPS://kitchen/", ""},
                       {"javascript:void(0)", ""},
                       {"http://", ""}}) == "");
}

TEST_CASE("two addresses of one page have one form", "[18.1][1 point]") {
    hint("The fragment names a place on the page; the server never hears of it.");
    CHECK(wrong(base, {{"#top", "http://kitchen:8080/menu/today/soup?size=2"},
                       {"stew#top", "http://kitchen:8080/menu/today/stew"},
                       {"stew#a?b", "http://kitchen:8080/menu/today/stew"},
                       {"/#../x", "http://kitchen:8080/"}}) == "");
    hint("A dot stays in the folder, two dots leave it; above the root there is nothing.");
    CHECK(wrong(base, {{"./stew", "http://kitchen:8080/menu/today/stew"},
                       {"../stew", "http://kitchen:8080/menu/stew"},
                       {"../../../stew", "http://kitchen:8080/stew"},
                       {"a/../b", "http://kitchen:8080/menu/today/b"},
                       {"/a/./b/../../c", "http://kitchen:8080/c"},
                       {"http://kitchen:8080/a/../b", "http://kitchen:8080/b"}}) == "");
    hint("What ends in dots is a folder: there is a slash at its end.");
    CHECK(wrong(base, {{"..", "http://kitchen:8080/menu/"},
                       {".", "http://kitchen:8080/menu/today/"},
                       {"/a/..", "http://kitchen:8080/"}}) == "");
    hint("Names may begin or end with dots, and two slashes are not one.");
    CHECK(wrong(base, {{"/..a/b../.c", "http://kitchen:8080/..a/b../.c"},
                       {"/a//b", "http://kitchen:8080/a//b"}}) == "");
    hint(
        "Scheme and host in small letters, the path as it is; 80 is the port that goes without "
        "saying.");
    CHECK(wrong(base, {{"HTTP://Kitchen:80/Soup", "http://kitchen/Soup"},
                       {"//KITCHEN:8080/Soup?A", "http://kitchen:8080/Soup?A"}}) == "");
    hint("An address without a path is the root.");
    CHECK(wrong(base, {{"http://kitchen:8080", "http://kitchen:8080/"},
                       {"http://kitchen:8080?x", "http://kitchen:8080/?x"}}) == "");
}

// --- 18.2 ---------------------------------------------------------------------------------------

TEST_CASE("each page is asked for once", "[18.2][1 point]") {
    const auto done = crawl(
        1,
        [](const Addresses& addresses) -> std::vector<WebSite::Pages> {
            return {{{"/",
                      {links({"soup", "./soup", "soup#top", "/menu/../soup", "/", "stew",
                              addresses[0] + "/soup", "http://127.0.0.9:9/soup", "mailto:chef"}),
                       1s}},
                     {"/soup", {links({"/", "stew", "dessert"}), 1s}},
                     {"/stew", {links({"soup", "dessert", "soup?day=2"}), 1s}},
                     {"/soup?day=2", {"no links", 1s}},
                     {"/dessert", {"twice found, at the same moment", 1s}}}};
        },
        many());
    check_the_machine(done);
    hint(
        "Which pages are found? Links are relative to the page they are on, and a start page has "
        "the one form, too.");
    CHECK(done.names() == "a/ a/dessert a/soup a/soup?day=2 a/stew");
    hint(
        "Two pages link to a third one. When is it noted as found: when it is asked for, or when "
        "the link is read?");
    CHECK(done.requests == 5);
    CHECK(done.reported == 5);
    CHECK(done.left.empty());
    hint("What came of a page: its status, and the bytes of its body.");
    CHECK(done.page("a/dessert").status == 200);
    CHECK(done.page("a/dessert").size == 31);
    CHECK(done.page("a/dessert").tries == 1);
    CHECK(done.page("a/dessert").problem == "");
    hint("A page after its links are known: 1 s for the first, the second and the third row.");
    CHECK(done.returned == "3.0");
    hint("A crawler that may not ask at all: is silence the right answer? Three limits can be 0.");
    lab::Limits no_place, no_place_at_a_host, no_try;
    no_place.in_flight = no_place_at_a_host.per_host = no_try.tries = 0;
    for (const lab::Limits& none : {no_place, no_place_at_a_host, no_try})
        CHECK(crawl(
                  1, [](const Addresses&) -> std::vector<WebSite::Pages> { return {}; }, none)
                  .thrown == "std::invalid_argument");
}

TEST_CASE("so many requests are in flight and a slow one holds up nobody", "[18.2][1 point]") {
    lab::Limits limits = many();
    limits.in_flight = 4;
    const auto ten = crawl(
        1,
        [](const Addresses&) -> std::vector<WebSite::Pages> {
            WebSite::Pages pages{{"/", {links(numbered("p", 10)), 1s}}};
            for (const std::string& name : numbered("/p", 10))
                pages[name] = {"", 1s};
            return {pages};
        },
        limits);
    check_the_machine(ten);
    hint(
        "At most four at once, and as many if there are pages: what begins a request, and what "
        "ends it?");
    CHECK(ten.at_once == 4);
    hint("Ten pages of a second, four at once: three seconds, and one for the first page.");
    CHECK(ten.returned == "4.0");
    CHECK(ten.reported == 11);
    hint("Who was found first, begins first.");
    CHECK(ten.when("a/p4") == "1.0");
    CHECK(ten.when("a/p5") == "2.0");
    CHECK(ten.when("a/p10") == "3.0");

    limits.in_flight = 2;
    const auto slow = crawl(
        1,
        [](const Addresses&) -> std::vector<WebSite::Pages> {
            return {{{"/", {links({"slow", "p1"})}},
                     {"/slow", {"", 6s}},
                     {"/p1", {links({"p2"}), 1s}},
                     {"/p2", {links({"p3"}), 1s}},
                     {"/p3", {links({"p4"}), 1s}},
                     {"/p4", {"", 1s}}}};
        },
        limits);
    check_the_machine(slow);
    hint("One page takes six seconds. Who visits what is found meanwhile, and when?");
    CHECK(slow.when("a/p1") == "0.0");
    CHECK(slow.returned == "6.0");
    CHECK(slow.reported == 6);
}

// --- 18.3 ---------------------------------------------------------------------------------------

TEST_CASE("each host has a limit of its own", "[18.3][1 point]") {
    lab::Limits limits = many();
    limits.per_host = 2;
    const auto done = crawl(
        2,
        [](const Addresses&) -> std::vector<WebSite::Pages> {
            std::vector<WebSite::Pages> hosts(2);
            for (WebSite::Pages& pages : hosts) {
                pages["/"] = {links(numbered("p", 6)), 1s};
                for (const std::string& name : numbered("/p", 6))
                    pages[name] = {"", 1s};
            }
            return hosts;
        },
        limits);
    check_the_machine(done);
    hint("At most two to one host: what does a request have to know before it begins?");
    CHECK(done.most_at("a") == 2);
    CHECK(done.most_at("b") == 2);
    hint("Two hosts with two each are four. A host is an address and a port.");
    CHECK(done.at_once == 4);
    hint(
        "Six pages of a second, two at once: three seconds, and one for the first page. Does one "
        "host wait for the other?");
    CHECK(done.returned == "4.0");
    CHECK(done.reported == 14);
    hint("Pages that can't be had: does a host get its place back?");
    limits.per_host = 1;
    limits.tries = 1;
    const auto failing = crawl(
        1,
        [](const Addresses&) -> std::vector<WebSite::Pages> {
            return {{{"/", {links({"x1", "x2", "none", "busy", "p"}), 1s}},
                     {"/x1", {.text = "x", .body = WebPage::Body::broken}},
                     {"/x2", {.text = "x", .body = WebPage::Body::broken}},
                     {"/busy", {.text = "", .status = 503}},
                     {"/p", {"", 1s}}}};
        },
        limits);
    CHECK(failing.verdict == Verdict::pass);
    CHECK(failing.names() == "a/ a/busy a/none a/p a/x1 a/x2");
    CHECK(failing.returned == "2.0");
}

TEST_CASE("a page that waits for its host keeps nobody waiting", "[18.3][1 point]") {
    lab::Limits limits = many();
    limits.in_flight = 2;
    limits.per_host = 1;
    const auto done = crawl(
        2,
        [](const Addresses& addresses) -> std::vector<WebSite::Pages> {
            std::vector<WebSite::Pages> hosts(2);
            std::vector<std::string> all = numbered("p", 5);
            for (const std::string& name : numbered("/p", 5)) {
                hosts[0][name] = hosts[1][name] = {"", 1s};
                all.push_back(addresses[1] + name);
            }
            hosts[0]["/"] = {links(all)};  // first all of a, then all of b
            hosts[1]["/"] = {""};
            return hosts;
        },
        limits);
    check_the_machine(done);
    hint(
        "Two places, two hosts, five pages each of one second. Who has the second place while the "
        "next page of the first host waits?");
    CHECK(done.returned == "5.0");
    CHECK(done.at_once == 2);
    CHECK(done.most_at("a") == 1);
    CHECK(done.most_at("b") == 1);
    CHECK(done.reported == 12);
}

// --- 18.4 ---------------------------------------------------------------------------------------

TEST_CASE("what fails is tried again later and not for ever", "[18.4][1 point]") {
    lab::Limits limits = many();
    limits.tries = 4;
    limits.back_off = 1s;
    const auto done = crawl(
        1,
        [](const Addresses&) -> std::vector<WebSite::Pages> {
            return {{{"/", {links({"flaky", "broken", "busy", "none", "sorry"})}},
                     {"/flaky", {.text = html_link("found"), .failures = 3}},
                     {"/found", {"here"}},
                     {"/broken", {.text = links({"trap", "trap"}), .body = WebPage::Body::broken}},
                     {"/busy", {.text = links({"trap"}), .status = 500}},
                     {"/sorry", {.text = links({"trap"}), .status = 404}}}};
        },
        limits);
    check_the_machine(done);
    hint("Busy now is not busy for ever. When is a page asked for again, and how often?");
    CHECK(done.page("a/flaky").status == 200);
    CHECK(done.page("a/flaky").tries == 4);
    CHECK(done.page("a/found").status == 200);
    hint(
        "Between two tries there is a pause, twice as long each time, and each page has its own. "
        "How long is the third?");
    CHECK(done.when("a/flaky") == "0.0 1.0 3.0 7.0");
    hint(
        "A body that breaks off is no answer: it is asked for again, after the pause. What waits "
        "longer?");
    CHECK(done.when("a/broken") == "0.0 1.0 3.0 7.0");
    CHECK(done.page("a/broken").status == 0);
    CHECK(done.page("a/broken").size == 0);
    CHECK(done.page("a/broken").problem != "");
    hint("A status from 500 on is the server's failure. From which one on do you ask again?");
    CHECK(done.when("a/busy") == "0.0 1.0 3.0 7.0");
    CHECK(done.page("a/busy").status == 500);
    hint("Not found is an answer, and will be the same tomorrow.");
    CHECK(done.when("a/none") == "0.0");
    CHECK(done.page("a/none").status == 404);
    hint("An answer is an answer, whatever its status. Is there a problem if it came whole?");
    CHECK(done.page("a/busy").problem == "");
    CHECK(done.page("a/none").problem == "");
    hint("An error page has links, too, to the way out: they are not the site's.");
    CHECK(done.names() == "a/ a/broken a/busy a/flaky a/found a/none a/sorry");
    CHECK(done.reported == 7);

    limits.in_flight = 1;
    const auto narrow = crawl(
        1,
        [](const Addresses&) -> std::vector<WebSite::Pages> {
            return {{{"/", {links({"flaky", "p1", "p2", "p3"})}},
                     {"/flaky", {.text = "", .failures = 1}},
                     {"/p1", {"", 1s}},
                     {"/p2", {"", 1s}},
                     {"/p3", {"", 1s}}}};
        },
        limits);
    check_the_machine(narrow);
    hint("A page that waits for its next try is not in flight. Who has its place?");
    CHECK(narrow.returned == "3.0");
    CHECK(narrow.page("a/flaky").tries == 2);
}

TEST_CASE("what does not end is left behind", "[18.4][1 point]") {
    lab::Limits limits = many();
    limits.tries = 2;
    limits.back_off = 1s;
    limits.patience = 5s;
    limits.page_size = 100'000;
    limits.redirects = 3;
    const auto done = crawl(
        1,
        [](const Addresses& addresses) -> std::vector<WebSite::Pages> {
            WebSite::Pages pages{
                {"/", {links({"slow", "drip", "endless", "just", "r0", "x", "/old/"})}},
                {"/slow", {"", 100s}},
                {"/drip", {.text = links({"trap", "trap"}), .body = WebPage::Body::dripping}},
                {"/endless", {.text = links({"trap", "trap"}), .body = WebPage::Body::endless}},
                {"/just", {std::string(100'000, '.')}},
                {"/x", {.text = "", .status = 302, .location = "/y"}},
                {"/y", {.text = "", .status = 302, .location = "/x"}},
                {"/old/", {.text = "", .status = 301, .location = "../new#here"}},
                {"/new", {"moved"}}};
            for (int i = 0; i < 9; ++i)
                pages["/r" + std::to_string(i)] = {
                    .text = "",
                    .status = 302,
                    .location = addresses[0] + "/r" + std::to_string(i + 1)};
            return {pages};
        },
        limits);
    check_the_machine(done);
    hint(
        "The server takes 100 s, the crawler has 5 s for a try: when does it ask again, and when "
        "does it give up?");
    CHECK(done.when("a/slow") == "0.0 6.0");
    CHECK(done.page("a/slow").status == 0);
    CHECK(done.page("a/slow").problem != "");
    hint(
        "A byte a second: each read is in time, and the page never comes. What has the deadline: a "
        "read, or the try?");
    CHECK(done.when("a/drip") == "0.0 6.0");
    CHECK(done.page("a/drip").status == 0);
    CHECK(done.returned == "11.0");
    hint("A page without end fills the memory. How much of it is read, and how often?");
    CHECK(done.when("a/endless") == "0.0");
    const auto read = done.bytes.find("a/endless");
    const bool reads_not_much_more_than_the_limit =
        read != done.bytes.end() && read->second < 140'000;
    CHECK(reads_not_much_more_than_the_limit);
    CHECK(done.page("a/endless").problem != "");
    hint("A page that is exactly as large as it may be is a page.");
    CHECK(done.page("a/just").size == 100'000);
    CHECK(done.page("a/just").problem == "");
    hint(
        "A redirect's target is found like a link's, from the page on; and with three in a row it "
        "ends.");
    CHECK(done.page("a/old/").status == 301);
    CHECK(done.page("a/new").status == 200);
    CHECK(done.page("a/x").status == 302);
    CHECK(done.page("a/y").status == 302);
    CHECK(done.page("a/r2").problem == "");
    CHECK(done.page("a/r3").status == 302);
    CHECK(done.page("a/r3").problem != "");
    hint("Which pages should never have been asked for?");
    CHECK(done.names() ==
          "a/ a/drip a/endless a/just a/new a/old/ a/r0 a/r1 a/r2 a/r3 a/slow a/x a/y");
    CHECK(done.reported == 13);
}

// --- 18.5 ---------------------------------------------------------------------------------------

TEST_CASE("stop loses no page", "[18.5][1 point]") {
    lab::Limits limits = many();
    limits.in_flight = 3;
    const auto done = crawl(
        1,
        [](const Addresses& addresses) -> std::vector<WebSite::Pages> {
            WebSite::Pages pages{{"/", {links(numbered("p", 6)), 1s}}, {"/q", {"", 1s}}};
            for (const std::string& name : numbered("/p", 6))
                pages[name] = {links({"q"}), 1s};
            pages["/p3"] = pages["/p4"] = {
                .text = "", .delay = 1s, .status = 302, .location = addresses[0] + "/moved"};
            return {pages};
        },
        limits, 1500ms);
    check_the_machine(done);
    hint("Three were in flight when it was stopped, until second 2. Who waits for them?");
    CHECK(done.returned == "2.0");
    CHECK(done.reported == 4);
    hint("No request begins after stop.");
    CHECK(done.requests == 4);
    hint(
        "What was found and not visited is left, also what the pages in flight link or redirect "
        "to. Each page is in one of the two lists.");
    CHECK(done.left.size() == 5);
    std::vector<std::string> all = done.left;
    for (const auto& [url, page] : done.pages)
        all.push_back(url);
    CHECK(joined(all) == "a/ a/moved a/p1 a/p2 a/p3 a/p4 a/p5 a/p6 a/q");
    const auto never = crawl(
        2, [](const Addresses&) -> std::vector<WebSite::Pages> { return {}; }, limits, 0ms);
    check_the_machine(never);
    hint("Stopped before it began: where are the start pages?");
    CHECK(joined(never.left) == "a/ b/");
    CHECK(never.requests == 0);
}

TEST_CASE("stop waits for no pause", "[18.5][1 point]") {
    lab::Limits limits = many();
    limits.back_off = 10s;
    const WebSite::Make busy = [](const Addresses&) -> std::vector<WebSite::Pages> {
        return {{{"/", {links({"busy", "late"})}},
                 {"/busy", {.text = "", .status = 503}},
                 {"/late", {.text = "", .delay = 4s, .status = 503}}}};
    };
    const auto done = crawl(1, busy, limits, 5s);
    check_the_machine(done);
    hint(
        "Two pages wait for their second try, in second 10 and 14. It is stopped in second 5: who "
        "wakes the crawler?");
    CHECK(done.returned == "5.0");
    hint(
        "A page that would be asked for again is left: it was not visited, and it is not "
        "forgotten.");
    CHECK(joined(done.left) == "a/busy a/late");
    CHECK(done.names() == "a/");
    const auto earlier = crawl(1, busy, limits, 2s);
    check_the_machine(earlier);
    hint("A page in flight fails after stop. It would be asked for again: in which list is it?");
    CHECK(earlier.returned == "4.0");
    CHECK(joined(earlier.left) == "a/busy a/late");
    CHECK(earlier.requests == 3);
}
