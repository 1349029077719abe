// Contract of lab 09: messages over a socket, and children that answer them.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace lab {

/// The longest message, in bytes. Who announces more does not speak our language.
inline constexpr std::size_t longest_message = 1 << 20;

/// 09.1 Send \p message over \p socket as one frame.
///
/// A frame is the length of the message in four bytes, the most significant first, and then the
/// message: "soup" is 0 0 0 4 's' 'o' 'u' 'p'. On return the socket has taken all of it, however
/// little it took at a time. A signal that the caller handles meanwhile does no harm.
///
/// \param socket   a connected stream socket, which blocks; stays open.
/// \param message  any bytes, none included.
/// \throws std::length_error  if \p message is longer than `longest_message`; nothing is sent then.
/// \throws std::system_error  if the peer is gone, or the system call fails otherwise. SIGPIPE is not
///                            raised, and what the caller does about it stays as it is.
/// \thread_safety  one thread at a time may send over a socket; another one may receive.
/// \source  send(2), unix(7).
void send_message(int socket, std::string_view message);

/// 09.2 Wait for the next frame from \p socket.
///
/// Takes no byte of the frame after it. A signal that the caller handles meanwhile does no harm.
///
/// \param socket  as for `send_message`.
/// \return  the message, which may be empty; or `nullopt` if the peer has closed its end and there is
///          no further frame.
/// \throws std::runtime_error  if the peer is gone in the middle of a frame.
/// \throws std::length_error   if a frame announces more than `longest_message`; no memory is asked
///                             for then.
/// \throws std::system_error   if the system call fails.
/// \thread_safety  one thread at a time may receive from a socket; another one may send.
/// \source  recv(2), unix(7).
std::optional<std::string> receive_message(int socket);

/// What an order costs. May throw, may end its process, may take its time.
using Price = std::function<double(const std::string& order)>;

/// 09.3 Answer each message that comes over \p socket, at once, until there are no more.
///
/// A message is an order. Its answer is one message:
///     '=' and the eight bytes of the price, as they are in memory, or
///     '!' and what() of the exception that \p price has thrown; "unknown" if it is no
///         std::exception. The next order is served all the same.
///
/// \throws  what `send_message` and `receive_message` throw.
/// \thread_safety  as for both.
void serve(int socket, const Price& price);

/// 09.4 Let children price the \p orders, and add up.
///
/// Forks at most \p workers children, which work at the same time. Each has one socket, to this
/// process, and serves it. Each order goes to a child as a message. The orders and the answers may be
/// of any number. A signal that the caller handles meanwhile does no harm.
///
/// \param price  is called in the children only, once for each order.
/// \return  the sum of the prices, added in the order of the orders: to the last bit what a loop
///          would give. No child and no descriptor is left, and no exit handler has run.
/// \throws std::runtime_error  if an order got no price: with the text from `serve` if \p price has
///                             thrown, with any text if a child has died. No child is left then,
///                             either.
/// \throws std::invalid_argument  if there are 0 workers.
/// \throws std::length_error  if an order is longer than `longest_message`. No child is left then,
///                            either.
/// \thread_safety  one thread at a time may call it, and none may fork meanwhile: a child of somebody
///                 else inherits the sockets, and the children wait for an end that doesn't come.
double parallel_sum(const std::vector<std::string>& orders, std::size_t workers,
                    const Price& price);

}  // namespace lab
