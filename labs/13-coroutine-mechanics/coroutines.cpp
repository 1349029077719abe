// Your work in lab 13: who owns a frame, and what the compiler asks a promise.
#include "coroutines.hpp"

#include <algorithm>
#include <memory>

#include <course/testing/not_implemented.hpp>

namespace lab {

// --- 13.1 One owner ----------------------------------------------------------------------------

FrameOwner::FrameOwner([[maybe_unused]] std::coroutine_handle<> frame) {
    // TODO(13.1): keep the frame; take it over from another owner; destroy it, once.
    throw course::NotImplemented("13.1");
}

FrameOwner::FrameOwner([[maybe_unused]] FrameOwner&& other) noexcept {}

FrameOwner& FrameOwner::operator=([[maybe_unused]] FrameOwner&& other) noexcept {
    return *this;
}

FrameOwner::~FrameOwner() {}

// --- 13.2 A generator --------------------------------------------------------------------------

template <class T>
Generator<T> Generator<T>::promise_type::get_return_object() {
    // TODO(13.2): std::coroutine_handle<promise_type>::from_promise(*this) is the frame of this promise.
    throw course::NotImplemented("13.2");
}

template <class T>
SuspendIf Generator<T>::promise_type::initial_suspend() {
    throw course::NotImplemented("13.2");
}

template <class T>
SuspendIf Generator<T>::promise_type::yield_value([[maybe_unused]] const T& yielded) {
    throw course::NotImplemented("13.2");
}

template <class T>
void Generator<T>::promise_type::unhandled_exception() {
    throw course::NotImplemented("13.2");
}

template <class T>
SuspendIf Generator<T>::promise_type::final_suspend() noexcept {
    return SuspendIf{false};  // is that right?
}

template <class T>
bool Generator<T>::next() {
    throw course::NotImplemented("13.2");
}

// --- 13.3 A task -------------------------------------------------------------------------------

template <class T>
Task<T> Task<T>::promise_type::get_return_object() {
    // TODO(13.3): as in 13.2, but the body returns a value at its end.
    throw course::NotImplemented("13.3");
}

template <class T>
SuspendIf Task<T>::promise_type::initial_suspend() {
    throw course::NotImplemented("13.3");
}

template <class T>
void Task<T>::promise_type::return_value([[maybe_unused]] T result) {
    throw course::NotImplemented("13.3");
}

template <class T>
void Task<T>::promise_type::unhandled_exception() {
    throw course::NotImplemented("13.3");
}

template <class T>
bool Task<T>::FinalAwaiter::await_ready() const noexcept {
    return true;  // is that right?
}

template <class T>
T Task<T>::result() {
    throw course::NotImplemented("13.3");
}

// --- 13.4 Await --------------------------------------------------------------------------------

template <class T>
bool Task<T>::Awaiter::await_ready() const noexcept {
    return false;  // it is lazy, so there is something to wait for
}

template <class T>
std::coroutine_handle<> Task<T>::Awaiter::await_suspend(
    [[maybe_unused]] std::coroutine_handle<> awaiting) noexcept {
    // TODO(13.4): who runs next, when a coroutine awaits a task, and when the task is over?
    return std::noop_coroutine();
}

template <class T>
T Task<T>::Awaiter::await_resume() {
    throw course::NotImplemented("13.4");
}

template <class T>
std::coroutine_handle<> Task<T>::FinalAwaiter::await_suspend(
    [[maybe_unused]] std::coroutine_handle<promise_type> finished) noexcept {
    return std::noop_coroutine();
}

// --- 13.5 What a frame keeps -------------------------------------------------------------------

Generator<std::string> words([[maybe_unused]] const std::string& text) {
    // TODO(13.5): co_yield each word. How long does `text` live, and how long does the coroutine?
    throw course::NotImplemented("13.5");
}

// Given: the members above are compiled for these types.
template class Generator<int>;
template class Generator<std::string>;
template class Task<int>;
template class Task<std::string>;

}  // namespace lab
