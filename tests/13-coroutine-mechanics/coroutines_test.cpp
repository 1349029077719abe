// The rubric of lab 13: who runs when, what is left of a frame, and how deep the stack is.
//
// Nothing here waits. What a coroutine waits for is a `Bell`, and the test rings it.
#include "coroutines.hpp"

#include <malloc.h>

#include <algorithm>
#include <array>
#include <climits>
#include <course/testing/guest.hpp>
#include <course/testing/testing.hpp>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

using course::testing::Guest;
using course::testing::hint;
using course::testing::Mishap;
using course::testing::thrown_by;
using lab::Counted;
using lab::FrameOwner;
using lab::Generator;
using lab::Task;
using namespace std::string_literals;

namespace {

/// Every frame is gone: nobody's is left, and as many were given back as were made.
#define CHECK_FRAMES_GONE(text)            \
    hint(text);                            \
    CHECK(Guest::in_frames() == "nobody"); \
    CHECK(Counted::alive() == 0)

void hint_about_frames() {
    hint(
        "A frame was used after its end, or destroyed twice. Who destroys it: its owner, or the "
        "coroutine itself because it did not suspend after its body?",
        Mishap::crash);
}

/// As thrown_by, and whether it is still what the body threw: its type, and not only its words.
template <class Body>
std::string just_what_is_thrown_by(const Body& body) {
    try {
        body();
        return "nothing";
    } catch (const std::out_of_range& error) {
        return "out_of_range: "s + error.what();
    } catch (...) {
        return thrown_by([] { throw; });
    }
}

}  // namespace

// --- 13.1 --------------------------------------------------------------------------------------

namespace {

/// The least that a coroutine type can be: nothing of it is the student's. Memory of its frames is kept
/// until the end, so that a frame that is destroyed twice is seen and not a crash.
struct Bare {
    struct promise_type {
        Bare get_return_object() {
            return {std::coroutine_handle<promise_type>::from_promise(*this)};
        }
        std::suspend_always initial_suspend() noexcept { return {}; }
        std::suspend_always final_suspend() noexcept { return {}; }
        void return_void() noexcept {}
        void unhandled_exception() noexcept {}
        static void* operator new(std::size_t size) {
            static std::vector<std::vector<std::max_align_t>> kept;
            return kept.emplace_back(size / sizeof(std::max_align_t) + 1).data();
        }
        static void operator delete(void*) {}
    };
    std::coroutine_handle<> frame;
};

int served = 0;

Bare serve(Guest) {
    ++served;
    co_return;
}

/// Has an owner in its frame, and shows where.
Bare serve_with(Guest, FrameOwner dessert, FrameOwner*& where) {
    where = &dessert;
    co_await std::suspend_always{};
}

/// What \p owner has: \p name if it is \p frame.
std::string frame_of(const FrameOwner& owner, std::coroutine_handle<> frame, const char* name) {
    return !owner.get() ? "nothing" : owner.get() == frame ? name : "another frame";
}

/// Whether owners do what all the other items need. True as long as they are not written.
bool owners_work() try {
    {
        FrameOwner first(serve("not begun").frame);
        FrameOwner over(serve("over").frame);
        over.get().resume();
        FrameOwner second(std::move(first));
        if (first.get() || !second.get())
            return false;
    }
    return Guest::in_frames() == "nobody";
} catch (const course::NotImplemented&) {
    return true;
}

void need_owners() {
    constexpr auto first = "13.1 is not right yet, and this item needs it. Mend that one first.";
    hint(first);
    hint(first, Mishap::crash);
    REQUIRE(owners_work());
}

}  // namespace

TEST_CASE("a frame is destroyed with its owner and not twice", "[13.1][1 point]") {
    hint("Which frame does the owner destroy that owns nothing?", Mishap::crash);
    {
        FrameOwner nothing;
        CHECK(frame_of(nothing, nullptr, "") == "nothing");
        const auto soup = serve("soup").frame;
        FrameOwner owner(soup);
        hint("get gives the frame that the owner was given.");
        CHECK(frame_of(owner, soup, "soup") == "soup");
        CHECK(Guest::in_frames() == "soup ");
    }
    hint("The owner is gone, and the frame is still there. Who destroys it?");
    CHECK(Guest::in_frames() == "nobody");
    hint("To destroy a frame is to give up what the body has not done yet. Who resumed it?");
    CHECK(served == 0);
    {
        FrameOwner owner(serve("fish").frame);
        owner.get().resume();
        REQUIRE(owner.get().done());
        CHECK(Guest::in_frames() == "fish ");
    }
    hint("A coroutine that is over is suspended after its body: its frame is still there.");
    CHECK(Guest::in_frames() == "nobody");
    {
        const auto cake = serve("cake").frame;
        FrameOwner first(cake);
        FrameOwner second(std::move(first));
        hint("After a move there is one owner. What does the other one have?");
        CHECK(frame_of(first, cake, "cake") == "nothing");
        CHECK(frame_of(second, cake, "cake") == "cake");
    }
    CHECK(Guest::in_frames() == "nobody");
    {
        const auto tea = serve("tea").frame;
        tea.resume();
        FrameOwner first(tea);
        hint("A coroutine that is over has its frame still, and needs an owner for it.");
        CHECK(frame_of(first, tea, "tea") == "tea");
        FrameOwner second(std::move(first));
        CHECK(frame_of(second, tea, "tea") == "tea");
    }
    CHECK(Guest::in_frames() == "nobody");
}

TEST_CASE("who is assigned a frame gives up the one it had", "[13.1][1 point]") {
    hint("Which frame does the owner destroy that owns nothing?", Mishap::crash);
    hint("Does your assignment assign?", Mishap::stuck);
    {
        FrameOwner owner(serve("soup").frame);
        FrameOwner other(serve("fish").frame);
        const auto fish = other.get();
        owner = std::move(other);
        hint("The owner had a frame before it was assigned another. Who destroys that one?");
        CHECK(Guest::in_frames() == "fish ");
        hint("After a move there is one owner. What does the other one have?");
        CHECK(frame_of(owner, fish, "fish") == "fish");
        CHECK(frame_of(other, fish, "fish") == "nothing");
        FrameOwner& itself = owner;
        owner = std::move(itself);
        hint("An owner is assigned to itself. What does it destroy, and what does it have then?");
        CHECK(frame_of(owner, fish, "fish") == "fish");
        CHECK(Guest::in_frames() == "fish ");
        owner = FrameOwner();
        hint("The owner was assigned nothing. What is left of what it had?");
        CHECK(Guest::in_frames() == "nobody");
        CHECK(frame_of(owner, fish, "fish") == "nothing");
        owner = FrameOwner(serve("cake").frame);
        CHECK(Guest::in_frames() == "cake ");
        owner.get().resume();
        owner = FrameOwner(serve("tea").frame);
        hint("The coroutine was over, and its owner was assigned another. Who destroys its frame?");
        CHECK(Guest::in_frames() == "tea ");
        owner.get().resume();
        FrameOwner last;
        last = std::move(owner);
        CHECK(Guest::in_frames() == "tea ");
    }
    hint("Each frame is destroyed once.");
    CHECK(Guest::in_frames() == "nobody");
    {
        const auto cream = serve("cream").frame;
        FrameOwner* in_the_frame = nullptr;
        FrameOwner owner(serve_with("cake", FrameOwner(cream), in_the_frame).frame);
        owner.get().resume();
        owner = std::move(*in_the_frame);
        hint("The other owner is in the frame that you destroy. When do you take what it has?");
        CHECK(Guest::in_frames() == "cream ");
        CHECK(frame_of(owner, cream, "cream") == "cream");
    }
    CHECK(Guest::in_frames() == "nobody");
}

// --- 13.2 --------------------------------------------------------------------------------------

namespace {

Generator<int> count(Guest, int from, int to, std::string& log) {
    log += "begins ";
    for (int i = from; i <= to; ++i) {
        log += std::to_string(i) + " ";
        co_yield i;
    }
    log += "ends ";
}

Generator<std::string> menu(Guest) {
    co_yield "soup of the day, with bread";
    const std::string fish = "fish from the market, fried";
    co_yield fish;
    co_yield "cake";
}

/// Yields what many take for no value at all.
template <class T>
Generator<T> nothing_much(Guest) {
    co_yield T{};
    co_yield T{};
}

/// Yields what lies in its frame, and shows where.
Generator<std::string> shelf(Guest, const std::string*& where) {
    const std::string jam = "jam";
    where = &jam;
    co_yield jam;
}

template <class T>
int how_many(Generator<T> values) {
    int number = 0;
    while (values.next())
        ++number;
    return number;
}

Generator<int> burns_after(Guest, int good) {
    for (int i = 1; i <= good; ++i)
        co_yield i;
    throw std::out_of_range("the cake is burnt");
}

Generator<int> throws_a_number(Guest) {
    co_yield 1;
    throw 7;
}

/// Whether generators do what 13.5 needs. True as long as they are not written.
bool generators_work() try {
    std::string log;
    bool right = false;
    {
        Generator<int> numbers = count("probe", 1, 2, log);
        right = numbers.next() && numbers.value() == 1;
        right = right && numbers.next() && numbers.value() == 2;
        right = right && !numbers.next();
    }
    return right && Guest::in_frames() == "nobody";
} catch (const course::NotImplemented&) {
    return true;
}

}  // namespace

TEST_CASE("a generator runs as far as it is asked", "[13.2][1 point]") {
    need_owners();
    hint_about_frames();
    hint("Who asks a generator that is over, and what does it answer?", Mishap::stuck);
    std::string log;
    {
        Generator<int> numbers = count("numbers", 1, 2, log);
        hint("Nobody has asked yet. Where is the coroutine suspended?");
        CHECK(log == "");
        bool more = numbers.next();
        hint("next runs the body to its next co_yield, and says whether it got there.");
        REQUIRE(more);
        CHECK(numbers.value() == 1);
        CHECK(log == "begins 1 ");
        more = numbers.next();
        REQUIRE(more);
        CHECK(numbers.value() == 2);
        CHECK(log == "begins 1 2 ");
        more = numbers.next();
        hint("There is no value after the end of the body: what does next say?");
        CHECK_FALSE(more);
        CHECK(log == "begins 1 2 ends ");
        more = numbers.next();
        hint("The body is over, and next is asked once more.");
        CHECK_FALSE(more);
        CHECK(log == "begins 1 2 ends ");
    }
    CHECK_FRAMES_GONE("The generator is over and gone. Who destroys its frame?");

    std::string dishes;
    {
        Generator<std::string> dish = menu("menu");
        for (const std::string& name : dish)
            dishes += name + "; ";
    }
    hint("The text in a co_yield lives until the coroutine goes on. Where does value point?");
    CHECK(dishes == "soup of the day, with bread; fish from the market, fried; cake; ");
    {
        const std::string* jam = nullptr;
        Generator<std::string> jars = shelf("shelf", jam);
        jars.next();
        hint("A co_yield copies nothing: the promise keeps the address of what it is given.");
        const bool same_place = &jars.value() == jam;
        CHECK(same_place);
    }
    hint("0 is a value as well, and so is an empty text. Who says that the body is over?");
    CHECK(how_many(nothing_much<int>("zeros")) == 2);
    CHECK(how_many(nothing_much<std::string>("empty")) == 2);
    hint("A body may end without a co_yield.");
    CHECK(how_many(count("none", 1, 0, dishes)) == 0);

    std::string even, odd;
    int sum = 0;
    {
        Generator<int> evens = count("even", 10, INT_MAX, even);
        Generator<int> odds = count("odd", 20, INT_MAX, odd);
        for (int i = 0; i < 3; ++i) {
            evens.next();
            odds.next();
            sum += evens.value() * odds.value();
        }
        Generator<int> moved = std::move(evens);
        moved.next();
        sum += moved.value();
        CHECK(Guest::in_frames() == "even odd ");
    }
    hint("Two generators take turns. What do they share?");
    CHECK(sum == 10 * 20 + 11 * 21 + 12 * 22 + 13);
    CHECK_FRAMES_GONE("Nobody asked to the end, and the generators are gone. And their frames?");
}

TEST_CASE("what a generator throws comes out of next", "[13.2][1 point]") {
    need_owners();
    hint("The body threw. Does unhandled_exception keep the exception, and who suspends after it?",
         Mishap::crash);
    hint("Who asks a generator that is over, and what does it answer?", Mishap::stuck);
    std::string values, thrown;
    {
        Generator<int> numbers = burns_after("cake", 2);
        thrown = just_what_is_thrown_by([&] {
            while (numbers.next())
                values += std::to_string(numbers.value()) + " ";
        });
        hint("Two values come before the exception.");
        CHECK(values == "1 2 ");
        hint("The body threw. Where is the exception until next has returned from resume()?");
        CHECK(thrown == "out_of_range: the cake is burnt");
        bool more = true;
        thrown = thrown_by([&] { more = numbers.next(); });
        hint("It was thrown once. The body is over now.");
        CHECK(thrown == "nothing");
        CHECK_FALSE(more);
    }
    {
        Generator<int> none = burns_after("cake", 0);
        hint("A body may throw before its first co_yield.");
        CHECK(just_what_is_thrown_by([&] { none.next(); }) == "out_of_range: the cake is burnt");
    }
    {
        Generator<int> numbers = throws_a_number("number");
        numbers.next();
        hint("Not everything that is thrown is a std::exception.");
        CHECK(thrown_by([&] { numbers.next(); }) == "the number 7");
    }
    CHECK_FRAMES_GONE("The body threw, and the generator is gone. And its frame?");
}

// --- 13.3 --------------------------------------------------------------------------------------

namespace {

/// What a coroutine waits for until the test rings it.
class Bell {
  public:
    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> waits) noexcept { waits_ = waits; }
    void await_resume() const noexcept {}
    void ring() { waits_.resume(); }

  private:
    std::coroutine_handle<> waits_;
};

Task<int> cook(Guest, std::string& log) {
    log += "cooks ";
    co_return 42;
}

Task<std::string> cook_text(Guest) {
    co_return "a dish whose name is too long to be kept in place";
}

/// Is worth what many take for no value at all.
template <class T>
Task<T> cook_nothing_much(Guest) {
    co_return T{};
}

Task<int> burn(Guest) {
    throw std::out_of_range("the cake is burnt");
    co_return 0;
}

Task<int> throw_a_number(Guest) {
    throw 7;
    co_return 0;
}

Task<int> wait_and_cook(Guest, Bell& bell, std::string& log) {
    log += "waits ";
    co_await bell;
    log += "goes on ";
    co_return 43;
}

/// Whether tasks do what 13.4 needs. True as long as they are not written.
bool tasks_work() try {
    std::string log;
    bool right = false;
    {
        Task<int> task = cook("probe", log);
        task.start();
        right = task.done() && task.result() == 42;
    }
    return right && Guest::in_frames() == "nobody";
} catch (const course::NotImplemented&) {
    return true;
}

/// What a crash of a task means that nobody awaits.
constexpr auto over_and_not_awaited =
    "The body is over, and nobody awaits the task. Whom do you give back at its end? A null handle "
    "can't be resumed.";

}  // namespace

TEST_CASE("a task runs when it is started and keeps its value", "[13.3][1 point]") {
    need_owners();
    hint_about_frames();
    std::string log;
    {
        Task<int> task = cook("soup", log);
        hint("Nobody has started it. Where is the coroutine suspended?");
        REQUIRE(log == "");
        hint(over_and_not_awaited, Mishap::crash);
        task.start();
        hint_about_frames();
        CHECK(log == "cooks ");
        hint("The body is over, and its frame must be there: the value is in it.");
        REQUIRE(task.done());
        hint("co_return gives the promise a value. Who gives it to the caller?");
        CHECK(task.result() == 42);
        Task<std::string> text = cook_text("text");
        text.start();
        CHECK(text.result() == "a dish whose name is too long to be kept in place");
        Task<int> zero = cook_nothing_much<int>("zero");
        Task<std::string> empty = cook_nothing_much<std::string>("empty");
        zero.start();
        empty.start();
        hint("0 is a value as well, and so is an empty text.");
        CHECK(thrown_by([&] { CHECK(zero.result() == 0); }) == "nothing");
        CHECK(thrown_by([&] { CHECK(empty.result() == ""); }) == "nothing");
    }
    CHECK_FRAMES_GONE("The task is over and gone. Who destroys its frame?");
    log.clear();
    {
        Bell bell;
        Task<int> task = wait_and_cook("fish", bell, log);
        task.start();
        log += "caller ";
        CHECK_FALSE(task.done());
        hint("The body waits for something. What can result say, but that it is too early?");
        hint("The body waits for something. What can result say, but that it is too early?",
             Mishap::crash);
        REQUIRE_THROWS_AS(task.result(), std::logic_error);
        hint_about_frames();
        bell.ring();
        CHECK(task.done());
        CHECK(task.result() == 43);
        CHECK(log == "waits caller goes on ");
    }
    {
        Bell bell;
        Task<int> never_started = cook("never started", log);
        Task<int> in_the_middle = wait_and_cook("in the middle", bell, log);
        in_the_middle.start();
        Task<int> moved = std::move(in_the_middle);
        CHECK(Guest::in_frames() == "in the middle never started ");
    }
    CHECK_FRAMES_GONE("A task may go before it is over, or before it has begun. And its frame?");
}

TEST_CASE("a task keeps what its body throws", "[13.3][1 point]") {
    need_owners();
    hint("The body threw. Does unhandled_exception keep the exception, and who suspends after it?",
         Mishap::crash);
    hint("The body threw, and nobody asked for the result yet. Who let the exception out?");
    std::string at_start, number_at_start;
    {
        Task<int> task = burn("cake");
        at_start = thrown_by([&] { task.start(); });
        REQUIRE(at_start == "nothing");
        REQUIRE(task.done());
        hint("Who asks for the result is told what the body threw.");
        hint("Who asks for the result is told what the body threw.", Mishap::crash);
        CHECK(just_what_is_thrown_by([&] { task.result(); }) == "out_of_range: the cake is burnt");
        Task<int> number = throw_a_number("number");
        number_at_start = thrown_by([&] { number.start(); });
        hint("Not everything that is thrown is a std::exception.");
        hint("Not everything that is thrown is a std::exception.", Mishap::crash);
        CHECK(number_at_start == "nothing");
        CHECK(thrown_by([&] { number.result(); }) == "the number 7");
        hint_about_frames();
        Task<int> unasked = burn("unasked");
        unasked.start();
    }
    CHECK_FRAMES_GONE("The body threw, and the task is gone. And its frame?");
}

// --- 13.4 --------------------------------------------------------------------------------------

namespace {

Task<int> inner(Guest, Bell& bell, std::string& log) {
    log += "inner ";
    co_await bell;
    log += "inner ";
    co_return 20;
}

Task<int> outer(Guest, Bell& bell, std::string& log, std::string* frames = nullptr) {
    log += "outer ";
    const int twenty = co_await inner("inner", bell, log);
    if (frames)
        *frames = Guest::in_frames();
    log += "outer ";
    co_return twenty + 1;
}

Task<int> ring(Guest, Bell& bell, std::string& log) {
    log += "rings ";
    bell.ring();
    log += "has rung ";
    co_return 1;
}

Task<int> awaits_ring(Guest, Bell& bell, std::string& log) {
    co_return co_await ring("ringer", bell, log);
}

Task<std::string> waiter(Guest, std::string& log) {
    std::string told;
    log += "first ";
    told += std::to_string(co_await cook("cook", log)) + ", ";
    told += (co_await cook_text("text")).substr(0, 6) + ", ";
    told += std::to_string(co_await cook_nothing_much<int>("zero")) + ", ";
    told += "[" + co_await cook_nothing_much<std::string>("empty") + "], ";
    Task<int> kept = cook("kept", log);
    log += "kept ";
    told += std::to_string(co_await std::move(kept));
    co_return told;
}

Task<std::string> catcher(Guest) {
    std::string told = "nothing";
    try {
        co_await burn("cake");
    } catch (const std::out_of_range& error) {
        told = error.what();
    }
    try {
        co_await throw_a_number("number");
    } catch (int number) {
        told += ", " + std::to_string(number);
    }
    co_return told;
}

/// Lets what `burn` throws pass.
Task<int> passes_on(Guest) {
    co_return 1 + co_await burn("cake");
}

void need_tasks() {
    need_owners();
    hint(over_and_not_awaited, Mishap::crash);
    hint("13.3 is not right yet, and this item needs it. Mend that one first.");
    REQUIRE(tasks_work());
}

void hint_about_turns() {
    hint(
        "Somebody went on who had no value yet, or was over. Who runs next when a task is awaited, "
        "and who when it is over?",
        Mishap::crash);
    hint("Who runs next when a task is awaited, and who when it is over?", Mishap::stuck);
}

/// Where the stack ends for whoever calls it.
[[gnu::noinline]] std::uintptr_t stack_end() {
    return reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0));
}

/// The bytes of the stack that coroutines used, at most, beyond their caller.
class Depth {
  public:
    void look() { most_ = std::max(most_, caller_ - stack_end()); }
    long most() const { return static_cast<long>(most_); }

  private:
    std::uintptr_t caller_ = stack_end() + 100'000;  // a little below counts as well
    std::uintptr_t most_ = 0;
};

/// Awaits a task that awaits a task, and so on: \p count of them at once.
Task<int> chain(int count, Depth& depth) {
    int below = 0;
    if (count > 0)
        below = 1 + co_await chain(count - 1, depth);
    depth.look();
    co_return below;
}

template <class T>
Task<T> dish(Depth& depth) {
    depth.look();
    co_return T{};
}

Task<int> burnt_dish(Depth& depth) {
    depth.look();
    throw std::out_of_range("the cake is burnt");
    co_return 0;
}

/// Awaits \p count tasks, one after the other. \return  how many were over.
template <class T>
Task<int> row(int count, Depth& depth, Task<T> (*make)(Depth&)) {
    int over = 0;
    for (int i = 0; i < count; ++i) {
        try {
            co_await make(depth);
        } catch (const std::out_of_range&) {
        }
        ++over;
    }
    depth.look();
    co_return over;
}

/// What \p task comes to, and how deep the stack was.
template <class Make>
std::pair<int, long> outcome(const Make& make) {
    Depth depth;
    Task<int> task = make(depth);
    task.start();
    return {task.done() ? task.result() : -1, depth.most()};
}

#if defined(__clang__) || __GNUC__ >= 15
constexpr int a_million = 1'000'000;
constexpr long growth_allowed = 0;
#else  // an older g++ makes the transfer a call of the stack's, unless it optimizes
constexpr int a_million = 10'000;
constexpr long growth_allowed = LONG_MAX;
#endif

}  // namespace

TEST_CASE("control goes back to whoever resumed", "[13.4][1 point]") {
    need_tasks();
    hint_about_turns();
    std::string log;
    {
        Bell bell;
        std::string frames;
        Task<int> task = outer("outer", bell, log, &frames);
        task.start();
        hint(
            "The innermost coroutine waits for the bell. Who runs then: who awaits it, or who "
            "started all?");
        log += "caller ";
        REQUIRE(log == "outer inner caller ");
        REQUIRE_FALSE(task.done());
        bell.ring();
        log += "caller";
        hint("The inner task is over. Who resumes the outer one?");
        CHECK(log == "outer inner caller inner outer caller");
        REQUIRE(task.done());
        hint("The inner task was a temporary of the co_await. Who destroys its frame, and when?");
        CHECK(frames == "outer ");
        CHECK(task.result() == 21);
    }
    log.clear();
    {
        Bell first, second;
        Task<int> a = outer("a", first, log);
        Task<int> b = outer("b", second, log);
        a.start();
        b.start();
        first.ring();
        CHECK(a.done());
        hint("Two tasks are under way, and one goes on. What has the other one to do with it?");
        CHECK_FALSE(b.done());
        CHECK(Guest::in_frames() == "a b inner ");
    }
    log.clear();
    {
        Bell bell;
        Task<int> waits = outer("outer", bell, log);
        Task<int> rings = awaits_ring("rings", bell, log);
        waits.start();
        rings.start();
        hint(
            "A coroutine rings, and inner is over. Outer runs at once in its place, and not when "
            "the ringer is done.");
        CHECK(log == "outer inner rings inner outer has rung ");
        CHECK(rings.done());
    }
    log.clear();
    {
        Bell bell;
        Task<int> given_up = outer("outer", bell, log);
        given_up.start();
    }
    CHECK_FRAMES_GONE(
        "A task is given up while it awaits another one. What becomes of both frames?");
}

TEST_CASE("co_await is worth what the task returns or throws", "[13.4][1 point]") {
    need_tasks();
    hint_about_turns();
    std::string log, told;
    {
        Task<std::string> task = waiter("waiter", log);
        std::string escaped = thrown_by([&] { task.start(); });
        CHECK(escaped == "nothing");
        hint("A task is over. Who resumes the one that awaits it?");
        REQUIRE(task.done());
        told = thrown_by([&] { told = task.result(); }) + ": " + told;
        hint("What did the task return, and who hands it to the one that awaits it?");
        CHECK(told == "nothing: 42, a dish, 0, [], 42");
        hint("A task begins when it is awaited.");
        CHECK(log == "first cooks kept cooks ");
        hint(
            "The awaited task threw, and has no value. Is the exception kept, and does "
            "await_resume look for it?",
            Mishap::crash);
        hint("A task throws. Who is told: who awaits it, or who started all?");
        Task<std::string> catches = catcher("catcher");
        escaped = thrown_by([&] { catches.start(); });
        CHECK(escaped == "nothing");
        REQUIRE(catches.done());
        hint("What did the task throw, and who hands it to the one that awaits it?");
        CHECK(thrown_by([&] { told = catches.result(); }) == "nothing");
        CHECK(told == "the cake is burnt, 7");
        Task<int> through = passes_on("passes on");
        through.start();
        hint("Who does not catch it passes it on to whoever awaits them.");
        REQUIRE(through.done());
        CHECK(just_what_is_thrown_by([&] { through.result(); }) ==
              "out_of_range: the cake is burnt");
    }
    CHECK_FRAMES_GONE("Everybody is over. And their frames?");
}

TEST_CASE("a million awaits do not grow the stack", "[13.4][1 point]") {
    need_tasks();
    hint("Is that the stack? Each resume() that you call is a call, and lies on it.",
         Mishap::crash);
    hint("Who runs next when a task is awaited, and who when it is over?", Mishap::stuck);
    const auto few_in_a_row = outcome([](Depth& depth) { return row(10, depth, dish<int>); });
    const auto more_in_a_row = outcome([](Depth& depth) { return row(500, depth, dish<int>); });
    hint("Each of 500 tasks is awaited in its turn.");
    REQUIRE(more_in_a_row.first == 500);
    hint(
        "500 tasks, one after the other, need more of the stack than 10. Do you call resume() on "
        "who awaits, or return it?");
    REQUIRE(more_in_a_row.second <= few_in_a_row.second + growth_allowed);
    const auto few_texts = outcome([](Depth& depth) { return row(10, depth, dish<std::string>); });
    const auto texts = outcome([](Depth& depth) { return row(500, depth, dish<std::string>); });
    hint(
        "Tasks with another value, one after the other, grow the stack. Who is resumed by a call?");
    REQUIRE(texts.first == 500);
    REQUIRE(texts.second <= few_texts.second + growth_allowed);
    const auto few_burnt = outcome([](Depth& depth) { return row(10, depth, burnt_dish); });
    const auto burnt = outcome([](Depth& depth) { return row(500, depth, burnt_dish); });
    hint("Tasks that throw, one after the other, grow the stack. Who is resumed by a call?");
    REQUIRE(burnt.first == 500);
    REQUIRE(burnt.second <= few_burnt.second + growth_allowed);
    const auto short_chain = outcome([](Depth& depth) { return chain(10, depth); });
    const auto long_chain = outcome([](Depth& depth) { return chain(500, depth); });
    hint("A task awaits a task that awaits a task, 500 times.");
    REQUIRE(long_chain.first == 500);
    hint(
        "A chain of 500 tasks needs more of the stack than one of 10. Do you call resume() on the "
        "task, or return it?");
    REQUIRE(long_chain.second <= short_chain.second + growth_allowed);
    const auto row_of_a_million =
        outcome([](Depth& depth) { return row(a_million, depth, dish<int>); });
    const auto chain_of_a_million = outcome([](Depth& depth) { return chain(a_million, depth); });
    hint("What works for 500 works for a million.");
    CHECK(row_of_a_million.first == a_million);
    CHECK(chain_of_a_million.first == a_million);
    CHECK_FRAMES_GONE("Everybody is over. And their frames?");
}

// --- 13.5 --------------------------------------------------------------------------------------

namespace {

/// Write over the part of the stack that has just been used.
[[gnu::noinline]] void use_the_stack() {
    std::array<volatile unsigned char, 16'000> bytes;
    for (auto& byte : bytes)
        byte = 0xa5;
}

/// The bytes that were allocated and not given back; always 0 where libc can't say it.
std::size_t bytes_in_use() {
#if __GLIBC_PREREQ(2, 33)
    const auto state = mallinfo2();
    return state.uordblks + state.hblkhd;
#else
    return 0;
#endif
}

void read_a_word(const std::string& text) {
    Generator<std::string> words = lab::words(text);
    words.next();
}

std::string joined(Generator<std::string> words) {
    std::string text;
    for (const std::string& word : words)
        text += "[" + word + "]";
    return text;
}

}  // namespace

TEST_CASE("words outlive the text they come from", "[13.5][1 point]") {
    need_owners();
    constexpr auto mend_first = "13.2 is not right yet, and this item needs it. Mend that first.";
    hint(mend_first);
    hint(mend_first, Mishap::crash);
    REQUIRE(generators_work());
    hint(
        "The coroutine used what had gone. Is everything that it needs in its frame: parameters by "
        "value, local variables? A lambda's captures are not.",
        Mishap::crash);
    hint("Where does the next word begin, and when is there none?", Mishap::stuck);
    std::string found;
    {
        std::string text = "soup, fish and a cake with cherries";
        Generator<std::string> some = lab::words(text);
        use_the_stack();
        found = joined(std::move(some));
        hint("Spaces part the words.");
        CHECK(found == "[soup,][fish][and][a][cake][with][cherries]");
        Generator<std::string> later = lab::words(text);
        text = "nothing left but crumbs, by now, I fear";
        use_the_stack();
        hint("The text changed after the call. Whose text does the coroutine read?");
        CHECK(joined(std::move(later)) == "[soup,][fish][and][a][cake][with][cherries]");
    }
    {
        Generator<std::string> from_temporary =
            lab::words(std::string("a text that is gone ") + "when the first word is read");
        use_the_stack();
        found = joined(std::move(from_temporary));
        CHECK(found == "[a][text][that][is][gone][when][the][first][word][is][read]");
    }
    {
        Generator<std::string> one = lab::words("soup fish");
        Generator<std::string> other = lab::words("cake tea");
        std::string mixed;
        while (one.next() && other.next())
            mixed += one.value() + " " + other.value() + " ";
        hint("Two texts are read in turn. What do the two coroutines share?");
        CHECK(mixed == "soup cake fish tea ");
    }
    hint("Two spaces have no word between them, and there is none before the first.");
    CHECK(joined(lab::words("  soup   fish ")) == "[soup][fish]");
    CHECK(joined(lab::words("")) == "");
    CHECK(joined(lab::words("   ")) == "");
    CHECK(joined(lab::words("cake")) == "[cake]");
    found = joined(lab::words("so\0up fish"s));
    std::replace(found.begin(), found.end(), '\0', '0');
    hint("A std::string may have a null byte in it. A const char* ends there.");
    CHECK(found == "[so0up][fish]");
    constexpr std::size_t large = 1'000'000;
    read_a_word("soup " + std::string(large, 'a'));
    const std::size_t before = bytes_in_use();
    for (int i = 0; i < 3; ++i)
        read_a_word("soup " + std::string(large, 'a'));
    hint("The generators are gone. Who has their texts still, and who deletes them?");
    CHECK(bytes_in_use() < before + large);
    read_a_word("soup fish");
    CHECK_FRAMES_GONE("Somebody has read enough. What becomes of the frame?");
}
