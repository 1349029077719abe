// WebSite: an HTTP server on loopback that a crawler visits, with pages of every kind. Headers only, so that a
// simulated program has it instrumented.
//
//     your thread: crawler ── TCP ──▶ 127.0.0.1:PORT ┐
//                          ── TCP ──▶ 127.0.0.1:PORT ┴─ the site's thread: one loop, a coroutine for each visit
#pragma once

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <chrono>
#include <functional>
#include <map>
#include <mutex>
#include <random>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace course {

/// How a site answers when it is asked for one page.
struct WebPage {
    /// How the body comes.
    enum class Body {
        whole,     ///< at once
        broken,    ///< half of it, then the connection breaks
        endless,   ///< as fast as it is read, and never ends
        dripping,  ///< a byte a second, 100 of them
    };
    /// What is on it.
    std::string text;
    /// Before it answers.
    std::chrono::milliseconds delay{};
    /// As in HTTP.
    int status = 200;
    /// Where it has moved, with a status from 300 to 399.
    std::string location{};
    /// How its body comes.
    Body body = Body::whole;
    /// So many requests are answered with 503 first.
    int failures = 0;
};

/// One or more hosts, each with a port of its own, two at an address, served by one thread.
/// \thread_safety  any number of threads may ask what it has seen.
class WebSite {
  public:
    /// The pages of one host, by path and query.
    using Pages = std::map<std::string, WebPage>;
    /// Makes the pages of each host, as soon as the addresses are known.
    using Make = std::function<std::vector<Pages>(const std::vector<std::string>& addresses)>;
    /// A request that came.
    struct Visit {
        std::string url;                             ///< what it asked for
        std::chrono::steady_clock::time_point when;  ///< it was complete
    };

    /// Serve \p hosts hosts.
    /// \throws boost::system::system_error  if an address can't be had.
    WebSite(std::size_t hosts, const Make& make) {
        using boost::asio::ip::tcp;
        for (std::size_t i = 0; i < hosts; ++i) {
            const boost::asio::ip::address_v4 address(
                {127, 0, 0, static_cast<unsigned char>(1 + i / 2)});
            acceptors_.emplace_back(loop_, tcp::endpoint(address, 0));
            addresses_.push_back("http://" + address.to_string() + ":" +
                                 std::to_string(acceptors_.back().local_endpoint().port()));
        }
        pages_ = make(addresses_);
        pages_.resize(hosts);
        for (std::size_t i = 0; i < hosts; ++i)
            boost::asio::co_spawn(loop_, accept(i), boost::asio::detached);
        thread_ = std::thread([this] { loop_.run(); });
    }
    /// Close all connections.
    ~WebSite() {
        loop_.stop();
        thread_.join();
    }
    WebSite(const WebSite&) = delete;
    WebSite& operator=(const WebSite&) = delete;

    /// `http://ADDRESS:PORT` of each host.
    const std::vector<std::string>& addresses() const { return addresses_; }
    /// What has been asked for until now, in order.
    std::vector<Visit> visits() const {
        const std::lock_guard lock(mutex_);
        return visits_;
    }

  private:
    template <class T>
    using awaitable = boost::asio::awaitable<T>;
    using Socket = boost::asio::ip::tcp::socket;
    static constexpr auto as_result = boost::asio::as_tuple(boost::asio::use_awaitable);

    awaitable<void> accept(std::size_t host) {
        for (;;) {
            auto [error, socket] = co_await acceptors_[host].async_accept(as_result);
            if (!error)
                boost::asio::co_spawn(loop_, serve(std::move(socket), host), boost::asio::detached);
        }
    }

    awaitable<void> serve(Socket socket, std::size_t host) {
        namespace http = boost::beast::http;
        boost::beast::flat_buffer buffer;
        http::request<http::empty_body> request;
        if (const auto [error, count] =
                co_await http::async_read(socket, buffer, request, as_result);
            error)
            co_return;
        const std::string target(request.target());
        {
            const std::lock_guard lock(mutex_);
            visits_.push_back({addresses_[host] + target, std::chrono::steady_clock::now()});
        }
        const auto found = pages_[host].find(target);
        WebPage page = found == pages_[host].end() ? WebPage{.text = "not found", .status = 404}
                                                   : found->second;
        if (found != pages_[host].end() && found->second.failures > 0) {
            --found->second.failures;
            page = {.text = "busy", .delay = page.delay, .status = 503};
        }
        if (page.delay.count() > 0)
            co_await pause(page.delay);
        if (page.body == WebPage::Body::whole)
            co_await answer(socket, page);
        else
            co_await answer_badly(socket, page);
        boost::system::error_code ignored;
        socket.shutdown(Socket::shutdown_both, ignored);
    }

    awaitable<void> pause(std::chrono::milliseconds length) {
        boost::asio::steady_timer timer(loop_, length);
        co_await timer.async_wait(as_result);
    }

    static awaitable<void> answer(Socket& socket, const WebPage& page) {
        namespace http = boost::beast::http;
        http::response<http::string_body> response(static_cast<http::status>(page.status), 11);
        response.set(http::field::content_type, "text/html");
        if (!page.location.empty())
            response.set(http::field::location, page.location);
        response.body() = page.text;
        response.keep_alive(false);
        response.prepare_payload();
        co_await http::async_write(socket, response, as_result);
    }

    awaitable<void> answer_badly(Socket& socket, const WebPage& page) {
        std::string piece = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nConnection: close\r\n";
        if (page.body == WebPage::Body::broken)
            piece += "Content-Length: " + std::to_string(page.text.size() + 1) + "\r\n";
        piece += "\r\n" + page.text.substr(0, page.text.size() / 2);
        for (int pieces = 0;; ++pieces) {
            const auto [error, count] =
                co_await boost::asio::async_write(socket, boost::asio::buffer(piece), as_result);
            if (error || page.body == WebPage::Body::broken)
                co_return;
            if (page.body == WebPage::Body::dripping) {
                if (pieces == 100)
                    co_return;
                co_await pause(std::chrono::seconds(1));
            }
            piece.assign(page.body == WebPage::Body::dripping ? 1 : 16 * 1024, '.');
        }
    }

    boost::asio::io_context loop_{1};
    std::vector<boost::asio::ip::tcp::acceptor> acceptors_;
    std::vector<std::string> addresses_;
    std::vector<Pages> pages_;  // the thread's, once it runs
    mutable std::mutex mutex_;
    std::vector<Visit> visits_;  // guarded by mutex_
    std::thread thread_;
};

/// A link in a page.
inline std::string html_link(const std::string& to) {
    return "<a href=\"" + to + "\">" + to + "</a>\n";
}

/// \p count pages on each of \p addresses, `/` and `/1`, `/2` and so on, with links from page to page. All can be reached
/// from the first page of the first host. The same \p seed gives the same pages.
inline std::vector<WebSite::Pages> seeded_pages(const std::vector<std::string>& addresses,
                                                std::size_t count, unsigned seed,
                                                std::chrono::milliseconds delay) {
    std::mt19937 random(seed);
    const std::size_t all = addresses.size() * count;
    const auto path = [&](std::size_t page) {
        const std::size_t number = page / addresses.size();
        return number == 0 ? "/" : "/" + std::to_string(number);
    };
    std::vector<WebSite::Pages> pages(addresses.size());
    for (std::size_t page = 0; page < all; ++page) {
        std::string text = "<html><h1>Page " + std::to_string(page) + "</h1>\n";
        for (std::size_t to = 8 * page + 1; to <= 8 * page + 8; ++to)
            if (to < all)
                text += html_link(addresses[to % addresses.size()] + path(to));
        for (int i = 0; i < 4; ++i) {
            const std::size_t to = random() % all;
            text += html_link(addresses[to % addresses.size()] + path(to));
        }
        pages[page % addresses.size()][path(page)] = {.text = text, .delay = delay};
    }
    return pages;
}

}  // namespace course
