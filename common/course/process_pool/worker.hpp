// The worker's side: takes tasks from the channel, runs them, answers.
#pragma once

#include <course/process_pool/message.hpp>

namespace course::pool {

/// Where a call leaves what it returns. Implemented by the worker.
class Reply {
  public:
    /// Send \p message as the value of the call.
    virtual void value(const Message& message) = 0;
    /// Say which item of a chunk is run next, for the error message if it is the last thing the worker does.
    virtual void item(std::uint64_t index) noexcept = 0;

  protected:
    ~Reply() = default;
};

/// A function that takes its arguments from a message, calls, and sends what it got. Crosses as an address: the
/// worker is a copy of the program.
using Invoker = void (*)(Reader& arguments, Reply& reply);

/// Work until the program says retire or is gone; \p socket and \p memory are the channel's.
[[noreturn]] void run_worker(int socket, int memory) noexcept;

}  // namespace course::pool
