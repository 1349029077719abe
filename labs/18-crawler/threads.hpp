// The same crawler with threads, given for comparison: a thread for each request in flight.
//
//     thread ─┐
//     thread ─┼─▶ one list of what is found, under one mutex; each waits for its own request, and for its own pause
//     thread ─┘
#pragma once

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <condition_variable>
#include <deque>
#include <exception>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "crawler.hpp"

namespace lab {

/// Visits a site as `Crawler` does, with `in_flight` threads. It has no `stop`, and counts no redirects.
class ThreadedCrawler {
  public:
    /// \p http must live as long as this.
    ThreadedCrawler(course::Http& http, Limits limits) : http_(http), limits_(limits) {}

    /// Visit the site that begins at \p starts. Once for each crawler.
    Report crawl(const std::vector<std::string>& starts) {
        for (const std::string& start : starts)
            hosts_.insert(course::Url::parse(start)->authority());
        for (const std::string& start : starts)
            find(resolve(start, ""));
        std::vector<std::thread> threads;
        for (std::size_t i = 0; i < limits_.in_flight; ++i)
            threads.emplace_back([this] { work(); });
        for (std::thread& thread : threads)
            thread.join();
        return report_;
    }

  private:
    /// \cond
    /// What came of one try.
    struct Answer {
        int status = 0;
        std::string location, body, problem;
    };
    /// \endcond

    static std::string host_of(const std::string& url) {
        return course::Url::parse(url)->authority();
    }

    void find(const std::optional<std::string>& url) {  // with the mutex held
        if (url && hosts_.count(host_of(*url)) != 0 && found_.insert(*url).second)
            waiting_.push_back(*url);
    }

    /// The next page that may begin, as soon as there is one; nothing if there will be none.
    //! [next]
    std::optional<std::string> next() {
        std::unique_lock lock(mutex_);
        auto page = waiting_.end();
        changed_.wait(lock, [&] {
            page = std::find_if(waiting_.begin(), waiting_.end(), [&](const auto& url) {
                return at_host_[host_of(url)] < limits_.per_host;
            });
            return page != waiting_.end() || (waiting_.empty() && busy_ == 0);
        });
        //! [next]
        if (page == waiting_.end())
            return std::nullopt;
        const std::string url = *page;
        waiting_.erase(page);
        ++busy_, ++at_host_[host_of(url)];
        return url;
    }

    void work() {
        boost::asio::io_context loop(1);  // this thread's: it waits in it, as in a blocking read
        while (const auto url = next()) {
            Answer answer;
            unsigned tries = 0;
            while (tries < limits_.tries && (answer.status == 0 || answer.status >= 500)) {
                if (tries > 0)  // the pause keeps the thread, and the page's place
                    std::this_thread::sleep_for(limits_.back_off * (1 << (tries - 1)));
                answer = ask(loop, *url);
                ++tries;
            }
            const std::lock_guard lock(mutex_);
            if (answer.status >= 300 && answer.status < 400)
                find(resolve(*url, answer.location));
            if (answer.status >= 200 && answer.status < 300 && answer.problem.empty())
                for (const std::string& link : links_of(answer.body))
                    find(resolve(*url, link));
            report_.pages.push_back(
                {*url, answer.status, answer.body.size(), tries, answer.problem});
            --busy_, --at_host_[host_of(*url)];
            changed_.notify_all();
        }
    }

    /// Ask once, and keep the thread until the answer is there.
    Answer ask(boost::asio::io_context& loop, const std::string& url) {
        Answer answer;
        boost::asio::co_spawn(loop, within_patience(url),
                              [&](std::exception_ptr, Answer got) { answer = std::move(got); });
        loop.restart();
        loop.run();
        return answer;
    }

    boost::asio::awaitable<Answer> within_patience(const std::string& url) {
        using namespace boost::asio::experimental::awaitable_operators;
        boost::asio::steady_timer patience(co_await boost::asio::this_coro::executor,
                                           limits_.patience);
        auto first = co_await (fetch(url) || patience.async_wait(boost::asio::use_awaitable));
        if (first.index() == 1)
            co_return Answer{0, "", "", "it took too long"};
        co_return std::get<0>(std::move(first));
    }

    boost::asio::awaitable<Answer> fetch(const std::string& url) {
        Answer answer;
        try {
            const auto reply = co_await http_.get(url);
            while (answer.body.size() <= limits_.page_size) {
                const std::string piece = co_await reply->read_some();
                if (piece.empty())
                    break;
                answer.body += piece;
            }
            if (answer.body.size() > limits_.page_size)
                answer.problem = "too large";
            answer.status = reply->status;
            answer.location = reply->location;
        } catch (const std::exception& error) {
            answer = {0, "", "", error.what()};
        }
        co_return answer;
    }

    course::Http& http_;
    const Limits limits_;
    std::set<std::string> hosts_;
    std::mutex mutex_;  // guards all that follows
    std::condition_variable changed_;
    std::set<std::string> found_;
    std::deque<std::string> waiting_;
    std::size_t busy_ = 0;
    std::map<std::string, std::size_t> at_host_;
    Report report_;
};

}  // namespace lab
