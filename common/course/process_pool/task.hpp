// Task: one call on its way to a worker and back. Future and engine share it.
#pragma once

#include <atomic>
#include <boost/smart_ptr/intrusive_ptr.hpp>
#include <cstdint>
#include <exception>
#include <memory>
#include <string>

#include <course/process_pool/message.hpp>

namespace course::pool {

class Engine;
class Task;
using TaskPtr = boost::intrusive_ptr<Task>;

/// Somebody who wants to know that a task is done. Never throws, never blocks: the engine's mutex is held.
class Hook {
  public:
    virtual void completed(Task& task) noexcept = 0;
    Hook* next = nullptr;  ///< guarded by the engine's mutex

  protected:
    ~Hook() = default;
};

/// A call that the user asked for when a task is done. Run without a mutex, once.
class Callback {
  public:
    virtual ~Callback() = default;
    virtual void run(Task& task) = 0;
    std::unique_ptr<Callback> next;
};

/// How a task ended.
enum class Outcome : std::uint8_t {
    none,       ///< not yet
    value,      ///< its message is what the call returned
    error,      ///< its message is the exception that the call threw
    failed,     ///< `failure`: it was cancelled, or the pool could not run it
    cancelled,  ///< as `failed`, because `cancel()` was called
};

/// One call. Fields without a word about it are the engine's, guarded by its mutex, until the task is done; then
/// they don't change any more.
class Task {
  public:
    explicit Task(std::shared_ptr<Engine> of) : engine(std::move(of)) {}
    virtual ~Task() = default;
    Task(const Task&) = delete;
    Task& operator=(const Task&) = delete;

    /// Where \p size bytes of a value go that was too large to be sent as a whole.
    /// \throws MessageError  if it can't have that size.
    virtual char* prepare(std::size_t size) {
        large_result = std::make_unique_for_overwrite<char[]>(size);
        large_size = size;
        return large_result.get();
    }
    /// What came back.
    std::pair<const char*, std::size_t> result() const {
        return large_result ? std::pair(static_cast<const char*>(large_result.get()), large_size)
                            : std::pair(message.data(), message.size());
    }

    bool done() const noexcept { return outcome.load(std::memory_order_acquire) != Outcome::none; }
    /// What it is called in an error message, if it was in item \p index of its chunk.
    std::string label(std::uint64_t index) const;

    std::shared_ptr<Engine> engine;
    Message message;                       ///< the call; once done, what came back
    std::unique_ptr<char[]> large_result;  ///< instead of `message`, if it came in pieces
    std::size_t large_size = 0;            ///< its bytes
    std::exception_ptr failure;
    std::atomic<Outcome> outcome{Outcome::none};
    std::uint64_t number = 0;  ///< in the order of submission; of a chunk, its first item
    bool is_chunk = false;
    std::atomic<bool> taken{false};  ///< `get` has moved the value out

    // Where it is.
    static constexpr std::uint32_t nowhere = ~0U;
    std::uint32_t slot = nowhere;  ///< the worker that has it; `nowhere`: it is queued
    std::uint32_t sequence = 0;    ///< its number there
    unsigned deaths = 0;           ///< how many workers have died of it

    Hook* hooks = nullptr;
    std::unique_ptr<Callback> callbacks;

  private:
    friend void intrusive_ptr_add_ref(Task* task) noexcept {
        task->references_.fetch_add(1, std::memory_order_relaxed);
    }
    friend void intrusive_ptr_release(Task* task) noexcept {
        if (task->references_.fetch_sub(1, std::memory_order_acq_rel) == 1)
            delete task;
    }
    std::atomic<int> references_{0};
};

}  // namespace course::pool
