// Mistake: A body is read to its end, and then it is too large.
// Loses:   18.4
// Hint:    It goes on for ever. What ends what has no end: a size, a number of tries, of redirects? Or does it look again and again, instead of sleeping?
#include "crawler.hpp"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <deque>
#include <exception>
#include <map>
#include <set>
#include <stdexcept>
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

namespace {

std::string in_small_letters(std::string text) {
    for (char& letter : text)
        if (letter >= 'A' && letter <= 'Z')
            letter = static_cast<char>(letter - 'A' + 'a');
    return text;
}

/// The scheme that \p link begins with, in small letters; empty if it has none. A colon behind a slash, a question
/// mark or a hash ends no scheme.
std::string scheme_of(const std::string& link) {
    const std::size_t end = link.find_first_of(":/?#");
    return end == link.npos || link[end] != ':' ? "" : in_small_letters(link.substr(0, end));
}

/// \p path without `.` and `..`.
std::string without_dots(const std::string& path) {
    std::vector<std::string> parts;
    for (std::size_t at = 1; at <= path.size();) {
        const std::size_t end = std::min(path.find('/', at), path.size());
        const std::string part = path.substr(at, end - at);
        if (part == ".." && !parts.empty())
            parts.pop_back();
        if (part != "." && part != "..")
            parts.push_back(part);
        else if (end == path.size())
            parts.push_back("");  // what ends in dots is a folder
        at = end + 1;
    }
    std::string whole;
    for (const std::string& part : parts)
        whole += "/" + part;
    return whole.empty() ? "/" : whole;
}

}  // namespace

std::optional<std::string> resolve(const std::string& base, const std::string& link_with_fragment) {
    const std::string link = link_with_fragment.substr(0, link_with_fragment.find('#'));
    const std::string scheme = scheme_of(link);
    if (!scheme.empty() && scheme != "http")
        return std::nullopt;
    auto url = course::Url::parse(base);
    if (!url)
        return std::nullopt;
    const std::string rest = scheme.empty() ? link : link.substr(scheme.size() + 1);
    if (rest.rfind("//", 0) == 0) {
        url = course::Url::parse("http:" + rest);
    } else if (!rest.empty()) {
        const std::size_t question = rest.find('?');
        const std::string path = rest.substr(0, question);
        if (!path.empty() && path[0] == '/')
            url->path = path;
        else if (!path.empty())
            url->path = url->path.substr(0, url->path.rfind('/') + 1) + path;
        url->query.reset();
        if (question != rest.npos)
            url->query = rest.substr(question + 1);
    }
    if (!url || url->host.empty())
        return std::nullopt;
    url->host = in_small_letters(url->host);
    if (url->port == "80")
        url->port.clear();
    url->path = without_dots(url->path.empty() ? "/" : url->path);
    return url->text();
}

namespace {

/// A page that has not begun, or begins again.
struct Job {
    std::string url;
    unsigned redirects = 0;  // in a row, that have led to it
    unsigned tries = 0;
    Clock::time_point not_before{};
};

/// What came of one try.
struct Answer {
    int status = 0;  // 0: none, or not all of it
    std::string location;
    std::string body;
    std::string problem;
};

std::string host_of(const std::string& url) {
    return course::Url::parse(url)->authority();
}

}  // namespace

struct Crawler::State {
    State(course::Http& by, const Limits& may) : http(by), limits(may) {}
    course::Http& http;
    const Limits limits;

    std::set<std::string> hosts;  // those of the start pages
    std::set<std::string> found;
    std::deque<Job> waiting;
    std::size_t in_flight = 0;
    std::map<std::string, std::size_t> at_host;
    bool stopped = false;
    std::optional<boost::asio::steady_timer> changed;  // is cancelled when something has
    Report report;

    void something_changed() {
        if (changed)
            changed->cancel();
    }

    /// A link leads to \p url.
    void find(const std::string& url, unsigned redirects) {
        if (hosts.count(host_of(url)) != 0 && found.insert(url).second)
            waiting.push_back({url, redirects, 0, {}});
    }

    /// The first page that may begin now. A page that may not does not keep those behind it.
    std::optional<Job> next() {
        if (stopped || in_flight >= limits.in_flight)
            return std::nullopt;
        const auto now = Clock::now();
        const auto job = std::find_if(waiting.begin(), waiting.end(), [&](const Job& one) {
            return one.not_before <= now && at_host[host_of(one.url)] < limits.per_host;
        });
        if (job == waiting.end())
            return std::nullopt;
        std::optional<Job> taken = std::move(*job);
        waiting.erase(job);
        return taken;
    }

    /// When the first pause is over.
    Clock::time_point end_of_first_pause() const {
        const auto now = Clock::now();
        auto first = Clock::time_point::max();
        for (const Job& job : waiting)
            if (job.not_before > now)
                first = std::min(first, job.not_before);
        return first;
    }

    /// Ask once. Throws nothing: `||` would wait for its other side.
    awaitable<Answer> fetch(const std::string& url) {
        Answer answer;
        try {
            const auto reply = co_await http.get(url);
            for (;;) {
                const std::string piece = co_await reply->read_some();
                if (piece.empty())
                    break;
                answer.body += piece;
            }
            if (answer.body.size() > limits.page_size)
                answer.problem = "too large";
            answer.status = reply->status;
            answer.location = reply->location;
        } catch (const std::exception& error) {
            answer = {0, "", "", error.what()};
        }
        co_return answer;
    }

    awaitable<Answer> try_once(const std::string& url) {
        using namespace boost::asio::experimental::awaitable_operators;
        boost::asio::steady_timer patience(co_await boost::asio::this_coro::executor,
                                           limits.patience);
        auto first = co_await (fetch(url) || patience.async_wait(use_awaitable));
        if (first.index() == 1)
            co_return Answer{0, "", "", "it took too long"};
        co_return std::get<0>(std::move(first));
    }

    /// A page in flight. It gives its place back whatever happens, and only then looks at what came.
    awaitable<void> visit(Job job) {
        ++job.tries;
        const Answer answer = co_await try_once(job.url);
        --in_flight;
        --at_host[host_of(job.url)];
        judge(std::move(job), answer);
        something_changed();
    }

    void judge(Job job, const Answer& answer) {
        if ((answer.status == 0 || answer.status >= 500) && job.tries < limits.tries) {
            job.not_before = Clock::now() + limits.back_off * (1 << (job.tries - 1));
            waiting.push_back(std::move(job));
            return;
        }
        Page page{job.url, answer.status, answer.body.size(), job.tries, answer.problem};
        if (answer.status >= 300 && answer.status < 400 && !answer.location.empty()) {
            if (job.redirects == limits.redirects)
                page.problem = "too many redirects";
            else if (const auto target = resolve(job.url, answer.location))
                find(*target, job.redirects + 1);
        } else if (answer.status >= 200 && answer.status < 300 && answer.problem.empty()) {
            for (const std::string& link : links_of(answer.body))
                if (const auto target = resolve(job.url, link))
                    find(*target, 0);
        }
        report.pages.push_back(std::move(page));
    }
};

Crawler::Crawler(course::Http& http, Limits limits) : state_(new State(http, limits)) {}
Crawler::~Crawler() = default;

awaitable<Report> Crawler::crawl(std::vector<std::string> starts) {
    State& state = *state_;
    if (state.limits.in_flight == 0 || state.limits.per_host == 0 || state.limits.tries == 0)
        throw std::invalid_argument("a crawler that may not ask for anything");
    const auto executor = co_await boost::asio::this_coro::executor;
    state.changed.emplace(executor);
    for (std::string& start : starts) {
        start = resolve(start, "").value_or("");
        if (!start.empty())
            state.hosts.insert(host_of(start));
    }
    for (const std::string& start : starts)
        if (!start.empty())
            state.find(start, 0);
    for (;;) {
        while (auto job = state.next()) {
            ++state.in_flight;
            ++state.at_host[host_of(job->url)];
            co_spawn(executor, state.visit(std::move(*job)), boost::asio::detached);
        }
        if (state.in_flight == 0 && (state.stopped || state.waiting.empty()))
            break;
        state.changed->expires_at(state.end_of_first_pause());
        co_await state.changed->async_wait(as_tuple(use_awaitable));
    }
    for (const Job& job : state.waiting)
        state.report.left.push_back(job.url);
    co_return std::move(state.report);
}

void Crawler::stop() {
    state_->stopped = true;
    state_->something_changed();
}

}  // namespace lab
