// HttpClient: Http over TCP, with Boost.Beast. Headers only, so that a simulated program has it instrumented.
#pragma once

#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/buffer_body.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/write.hpp>
#include <boost/system/system_error.hpp>
#include <stdexcept>
#include <utility>

#include <course/workloads/http.hpp>

namespace course {

/// Asks servers whose host is given as a number, such as 127.0.0.1. Each request has a connection of its own.
class HttpClient final : public Http {
  public:
    boost::asio::awaitable<std::unique_ptr<HttpReply>> get(std::string url) override {
        using boost::asio::use_awaitable;
        const auto parts = Url::parse(url);
        boost::system::error_code no_address;
        const auto address = boost::asio::ip::make_address(parts ? parts->host : "", no_address);
        if (no_address)
            throw std::invalid_argument("not an http address with a number: " + url);
        const int port = parts->port.empty() ? 80 : std::stoi(parts->port);
        auto reply = std::make_unique<Reply>(co_await boost::asio::this_coro::executor);
        const boost::asio::ip::tcp::endpoint server(address, static_cast<unsigned short>(port));
        co_await reply->socket.async_connect(server, use_awaitable);
        boost::beast::http::request<boost::beast::http::empty_body> request(
            boost::beast::http::verb::get, parts->target(), 11);
        request.set(boost::beast::http::field::host, parts->authority());
        request.keep_alive(false);
        co_await boost::beast::http::async_write(reply->socket, request, use_awaitable);
        co_await boost::beast::http::async_read_header(reply->socket, reply->buffer, reply->parser,
                                                       use_awaitable);
        reply->status = static_cast<int>(reply->parser.get().result_int());
        reply->location = std::string(reply->parser.get()[boost::beast::http::field::location]);
        co_return reply;
    }

  private:
    /// \cond
    class Reply final : public HttpReply {
      public:
        explicit Reply(const boost::asio::any_io_executor& executor) : socket(executor) {
            parser.body_limit(boost::none);  // the caller's affair
        }
        boost::asio::awaitable<std::string> read_some() override {
            auto& body = parser.get().body();
            while (!parser.is_done()) {
                body.data = bytes_.data();
                body.size = bytes_.size();
                const auto [error, count] = co_await boost::beast::http::async_read_some(
                    socket, buffer, parser, boost::asio::as_tuple(boost::asio::use_awaitable));
                if (error && error != boost::beast::http::error::need_buffer)
                    throw boost::system::system_error(error);
                if (const std::size_t got = bytes_.size() - body.size; got > 0)
                    co_return std::string(bytes_.data(), got);
            }
            co_return std::string();
        }

        boost::asio::ip::tcp::socket socket;
        boost::beast::flat_buffer buffer;
        boost::beast::http::response_parser<boost::beast::http::buffer_body> parser;

      private:
        std::array<char, 16 * 1024> bytes_;
    };
    /// \endcond
};

}  // namespace course
