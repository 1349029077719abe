// Mistake: words is the coroutine itself, so it keeps a reference.
// Loses:   13.5
// Hint:    The text changed after the call. Whose text does the coroutine read?
#include "coroutines.hpp"

#include <algorithm>
#include <memory>

namespace lab {

// --- 13.1 One owner ----------------------------------------------------------------------------

FrameOwner::FrameOwner(std::coroutine_handle<> frame) : frame_(frame) {}

FrameOwner::FrameOwner(FrameOwner&& other) noexcept
    : frame_(std::exchange(other.frame_, nullptr)) {}

//! [owner]
FrameOwner& FrameOwner::operator=(FrameOwner&& other) noexcept {
    // Taken over first, destroyed then: with what this one had, `other` may go.
    const auto had = std::exchange(frame_, std::exchange(other.frame_, nullptr));
    if (had)
        had.destroy();  // nobody else would
    return *this;
}

FrameOwner::~FrameOwner() {
    if (frame_)
        frame_.destroy();
}
//! [owner]

// --- 13.2 A generator --------------------------------------------------------------------------

template <class T>
Generator<T> Generator<T>::promise_type::get_return_object() {
    return Generator(FrameOwner(std::coroutine_handle<promise_type>::from_promise(*this)));
}

template <class T>
SuspendIf Generator<T>::promise_type::initial_suspend() {
    return SuspendIf{true};  // lazy: the first `next` begins the body
}

//! [yield]
template <class T>
SuspendIf Generator<T>::promise_type::yield_value(const T& yielded) {
    value = std::addressof(yielded);  // it stays where it is until the coroutine goes on
    return SuspendIf{true};
}

template <class T>
void Generator<T>::promise_type::unhandled_exception() {
    error = std::current_exception();
}

template <class T>
SuspendIf Generator<T>::promise_type::final_suspend() noexcept {
    return SuspendIf{true};  // the owner destroys the frame, and `done()` can still be asked
}

template <class T>
bool Generator<T>::next() {
    if (frame_.get().done())
        return false;
    frame_.get().resume();
    if (const std::exception_ptr error = std::exchange(promise().error, nullptr))
        std::rethrow_exception(error);
    return !frame_.get().done();
}
//! [yield]

// --- 13.3 A task -------------------------------------------------------------------------------

template <class T>
Task<T> Task<T>::promise_type::get_return_object() {
    return Task(FrameOwner(std::coroutine_handle<promise_type>::from_promise(*this)));
}

template <class T>
SuspendIf Task<T>::promise_type::initial_suspend() {
    return SuspendIf{true};  // lazy: `start` or `co_await` begins the body
}

template <class T>
void Task<T>::promise_type::return_value(T result) {
    value = std::move(result);
}

template <class T>
void Task<T>::promise_type::unhandled_exception() {
    error = std::current_exception();
}

template <class T>
bool Task<T>::FinalAwaiter::await_ready() const noexcept {
    return false;  // suspend: the value in the frame has not been fetched yet
}

template <class T>
T Task<T>::result() {
    if (!done())
        throw std::logic_error("the task is not done");
    return Awaiter{handle()}.await_resume();
}

// --- 13.4 Await --------------------------------------------------------------------------------

//! [transfer]
template <class T>
bool Task<T>::Awaiter::await_ready() const noexcept {
    return false;  // nobody has started it
}

template <class T>
std::coroutine_handle<> Task<T>::Awaiter::await_suspend(std::coroutine_handle<> awaiting) noexcept {
    task.promise().awaiting = awaiting;
    return task;
}
//! [transfer]

//! [resume]
template <class T>
T Task<T>::Awaiter::await_resume() {
    if (task.promise().error)
        std::rethrow_exception(task.promise().error);
    return std::move(*task.promise().value);
}
//! [resume]

template <class T>
std::coroutine_handle<> Task<T>::FinalAwaiter::await_suspend(
    std::coroutine_handle<promise_type> finished) noexcept {
    //! [final]
    // Returned, not resumed: resume() would be one more call on the stack.
    if (finished.promise().awaiting)
        return finished.promise().awaiting;
    return std::noop_coroutine();
    //! [final]
}

// --- 13.5 What a frame keeps -------------------------------------------------------------------

//! [words]
namespace {

/// The coroutine. Its parameter is a copy, and lies in its frame.
Generator<std::string> words_of(const std::string& text) {
    for (std::size_t begin = 0; begin < text.size();) {
        const std::size_t end = std::min(text.find(' ', begin), text.size());
        if (end > begin)
            co_yield text.substr(begin, end - begin);
        begin = end + 1;
    }
}

}  // namespace

/// No coroutine: it runs at once, while the text is there, and makes the copy.
Generator<std::string> words(const std::string& text) {
    return words_of(text);
}
//! [words]

// Given: the members above are compiled for these types.
template class Generator<int>;
template class Generator<std::string>;
template class Task<int>;
template class Task<std::string>;

}  // namespace lab
