// Http: how a program asks for a page, whoever answers.
//
//     auto reply = co_await http.get("http://127.0.0.1:8080/soup");   // status and headers are there
//     while (!(piece = co_await reply->read_some()).empty()) ...      // the body comes piece by piece
//
// http_client.hpp is the one that goes over TCP; a test may put its own in front of it.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>

namespace course {

/// An address in its parts: `http://HOST:PORT/PATH?QUERY`.
struct Url {
    /// As it was written; it may be empty.
    std::string host;
    /// Digits; empty if there are none.
    std::string port;
    /// From the first `/` on; empty if there is none.
    std::string path;
    /// What follows the `?`, if there is one.
    std::optional<std::string> query;

    /// The parts of \p text, which is a whole address without fragment; nothing if it does not begin with `http://`.
    static std::optional<Url> parse(const std::string& text) {
        const std::string scheme = "http://";
        if (text.compare(0, scheme.size(), scheme) != 0)
            return std::nullopt;
        Url url;
        const std::size_t question = text.find('?');
        const std::string whole = text.substr(
            scheme.size(), question == text.npos ? text.npos : question - scheme.size());
        if (question != text.npos)
            url.query = text.substr(question + 1);
        const std::size_t slash = whole.find('/');
        const std::string authority = whole.substr(0, slash);
        if (slash != whole.npos)
            url.path = whole.substr(slash);
        const std::size_t colon = authority.rfind(':');
        url.host = authority.substr(0, colon);
        if (colon != authority.npos)
            url.port = authority.substr(colon + 1);
        return url;
    }
    /// Host and port: who answers.
    std::string authority() const { return port.empty() ? host : host + ":" + port; }
    /// Path and query: what is asked for.
    std::string target() const {
        return (path.empty() ? "/" : path) + (query ? "?" + *query : std::string());
    }
    /// The whole address.
    std::string text() const {
        return "http://" + authority() + path + (query ? "?" + *query : std::string());
    }
};

/// The answer to a request; its body is still on the way. Who destroys it closes the connection.
class HttpReply {
  public:
    virtual ~HttpReply() = default;
    /// 200 and so on.
    int status = 0;
    /// The header `Location`, as it was sent; empty if there is none.
    std::string location;

    /// The next piece of the body, up to 16 KiB; empty at its end.
    /// \throws boost::system::system_error  if the connection breaks before the end of the body.
    virtual boost::asio::awaitable<std::string> read_some() = 0;
};

/// Asks for pages.
class Http {
  public:
    virtual ~Http() = default;
    /// Ask for the page at \p url, and wait until status and headers are there. It may be cancelled, as `read_some` may.
    /// \throws boost::system::system_error  if there is no connection, or it breaks.
    /// \throws std::invalid_argument        if \p url is no `http` address.
    /// \thread_safety  any number of coroutines may ask at once.
    virtual boost::asio::awaitable<std::unique_ptr<HttpReply>> get(std::string url) = 0;
};

}  // namespace course
