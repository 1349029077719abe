// Contract of lab 13: a generator and a task, and the frames that they are made of.
//
//                      ┌─ frame, on the heap ─┐    What a call of a coroutine needs outlives the call:
//     FrameOwner ─────▶│ promise              │    it lies in a frame. A std::coroutine_handle<> is a
//     next, start ────▶│ parameters           │    pointer to one. To resume it is to call the coroutine
//     ◀── co_yield ────│ local variables      │    where it left off; to suspend is to return to whoever
//     ◀── co_await ────│ where it left off    │    resumed it.
//                      └──────────────────────┘
//
// The functions that say 13.k are yours, in coroutines.cpp. All of this is for one thread.
#pragma once

#include <coroutine>
#include <cstddef>
#include <exception>
#include <iterator>
#include <new>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>

namespace lab {

// --- Frames ------------------------------------------------------------------------------------

/// What every promise here inherits: frames are counted. Given.
class Counted {
  public:
    /// How many frames there are now.
    static long alive() { return alive_; }
    /// How many bytes they have together.
    static std::size_t bytes() { return bytes_; }

    /// The memory of a frame. \throws std::bad_alloc  if there is none.
    static void* operator new(std::size_t size) {
        void* const frame = ::operator new(size);
        ++alive_;
        bytes_ += size;
        return frame;
    }
    /// Gives it back.
    static void operator delete(void* frame, std::size_t size) {
        --alive_;
        bytes_ -= size;
        ::operator delete(frame);
    }

  private:
    static inline long alive_ = 0;
    static inline std::size_t bytes_ = 0;
};

/// The only owner of a frame.
class FrameOwner {
  public:
    /// Owns nothing.
    FrameOwner() = default;
    /// Owns \p frame from here on (13.1).
    explicit FrameOwner(std::coroutine_handle<> frame);
    /// Takes over what \p other owns, and leaves it nothing (13.1).
    FrameOwner(FrameOwner&& other) noexcept;
    /// The same; the frame that this one had is destroyed before it returns, and \p other may be in
    /// that frame. To assign an owner to itself changes nothing (13.1).
    FrameOwner& operator=(FrameOwner&& other) noexcept;
    /// Destroys its frame if it has one, wherever the coroutine is suspended (13.1).
    ~FrameOwner();

    /// The frame, or null. Given.
    std::coroutine_handle<> get() const { return frame_; }

  private:
    std::coroutine_handle<> frame_;
};

/// `co_await` of it suspends, or goes straight on. Given.
struct SuspendIf {
    /// Whether it suspends.
    bool suspends;
    /// Asked first: true means that there is nothing to wait for.
    bool await_ready() const noexcept { return !suspends; }
    /// Called when the coroutine is suspended. It returns to whoever resumed the coroutine.
    void await_suspend(std::coroutine_handle<>) const noexcept {}
    /// Called when it goes on.
    void await_resume() const noexcept {}
};

// --- Generator ---------------------------------------------------------------------------------

/// The values that a coroutine yields, each made when it is asked for.
/// \source  C++23, `std::generator`.
template <class T>
class [[nodiscard]] Generator {
  public:
    /// What the compiler talks to when it runs the coroutine.
    struct promise_type : Counted {
        /// What was yielded. It is not copied: it lives in the frame as long as the frame is suspended.
        const T* value = nullptr;
        /// What the body has thrown, or null.
        std::exception_ptr error;

        /// The generator that the caller gets, with the frame in it (13.2).
        Generator get_return_object();
        /// Before the body: nothing of it runs until somebody asks (13.2).
        SuspendIf initial_suspend();
        /// For each `co_yield` (13.2).
        SuspendIf yield_value(const T& yielded);
        /// Called in a `catch (...)` around the body (13.2).
        void unhandled_exception();
        /// The body is over. Given.
        void return_void() noexcept {}
        /// After the body: who goes straight on here destroys the frame (13.2).
        SuspendIf final_suspend() noexcept;
    };

    /// The generator whose coroutine has the frame \p frame.
    explicit Generator(FrameOwner frame) : frame_(std::move(frame)) {}

    /// Run the body up to its next `co_yield` (13.2).
    /// \return  whether it got there; false if the body is over, however often it is asked.
    /// \throws  what the body throws on its way, once; then the body is over.
    bool next();
    /// What was yielded last, if `next` was true. It is there until `next` is called again. Given.
    const T& value() const { return *promise().value; }

    /// For `for (const T& value : generator)`. Given.
    class Iterator {
      public:
        /// A place in \p generator; null is the end.
        explicit Iterator(Generator* generator) : generator_(generator) { ++*this; }
        /// The value there.
        const T& operator*() const { return generator_->value(); }
        /// Ask for the next.
        Iterator& operator++() {
            if (generator_ && !generator_->next())
                generator_ = nullptr;
            return *this;
        }
        /// Whether both are at the end.
        bool operator==(std::default_sentinel_t) const { return !generator_; }

      private:
        Generator* generator_;
    };
    /// Asks for the first value.
    Iterator begin() { return Iterator(this); }
    /// The end.
    std::default_sentinel_t end() const { return {}; }

  private:
    promise_type& promise() const {
        return std::coroutine_handle<promise_type>::from_address(frame_.get().address()).promise();
    }
    FrameOwner frame_;
};

// --- Task --------------------------------------------------------------------------------------

/// A call that can be suspended, and comes to a value some time.
///
/// A plain function starts it, and asks for the result; or another coroutine awaits it. Either of the
/// two, once. Its body returns a value or throws: no destructor of a local variable throws after that.
/// \source  cppcoro, `task`.
template <class T>
class [[nodiscard]] Task {
  public:
    struct FinalAwaiter;

    /// What the compiler talks to when it runs the coroutine.
    struct promise_type : Counted {
        /// What the body has returned.
        std::optional<T> value;
        /// What the body has thrown, or null.
        std::exception_ptr error;
        /// The coroutine that awaits this one; null if it was started by a plain function.
        std::coroutine_handle<> awaiting;

        /// The task that the caller gets, with the frame in it (13.3).
        Task get_return_object();
        /// Before the body: nothing of it runs until it is started or awaited (13.3).
        SuspendIf initial_suspend();
        /// For `co_return` (13.3).
        void return_value(T result);
        /// Called in a `catch (...)` around the body (13.3).
        void unhandled_exception();
        /// After the body. Given.
        FinalAwaiter final_suspend() noexcept { return {}; }
    };

    /// What happens after the body.
    struct FinalAwaiter {
        /// True: go straight on, which destroys the frame. False: suspend (13.3).
        bool await_ready() const noexcept;
        /// The coroutine that runs now, at once, in place of \p finished (13.4). If it is
        /// `std::noop_coroutine()`, control goes back to whoever resumed.
        std::coroutine_handle<> await_suspend(
            std::coroutine_handle<promise_type> finished) noexcept;
        /// Never called. Given.
        void await_resume() const noexcept {}
    };

    /// What `co_await task` does.
    struct Awaiter {
        /// The task that is awaited. Nobody has started it.
        std::coroutine_handle<promise_type> task;

        /// Whether there is nothing to wait for (13.4).
        bool await_ready() const noexcept;
        /// The coroutine that runs now in place of \p awaiting (13.4).
        std::coroutine_handle<> await_suspend(std::coroutine_handle<> awaiting) noexcept;
        /// The value of `co_await task`, or what the task has thrown (13.4).
        T await_resume();
    };

    /// The task whose coroutine has the frame \p frame.
    explicit Task(FrameOwner frame) : frame_(std::move(frame)) {}

    /// Run the body until it waits for something or is over. Given.
    void start() { frame_.get().resume(); }
    /// Whether the body is over. Given.
    bool done() const { return frame_.get().done(); }
    /// What it has returned (13.3). To be asked once.
    /// \throws  what the body has thrown.
    /// \throws std::logic_error  if it is not done.
    T result();

    /// For `co_await`. The task is a temporary or was moved: it is awaited once. Given.
    Awaiter operator co_await() && noexcept { return Awaiter{handle()}; }

  private:
    std::coroutine_handle<promise_type> handle() const {
        return std::coroutine_handle<promise_type>::from_address(frame_.get().address());
    }
    FrameOwner frame_;
};

// --- What a frame keeps ------------------------------------------------------------------------

/// The words of \p text one by one: what its spaces part (13.5). Two spaces have no word between them.
/// Tabs and line ends may part words as well, as you like; any other byte, 0 too, is part of a word.
///
/// The words are those that \p text has now. It may change, or be gone, before the first one is
/// asked for. When the generator is gone, nothing of the text is kept.
Generator<std::string> words(const std::string& text);

}  // namespace lab
