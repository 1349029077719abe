// The rubric of lab 13: who runs when, what is left of a frame, and how deep the stack is.
//
// Nothing here waits. What a coroutine waits for is a `Bell`, and the test rings it.
#include "coroutines.hpp"

#include <array>
#include <climits>
#include <course/testing/guest.hpp>
#include <course/testing/testing.hpp>
#include <cstdint>
#include <map>
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

}  // namespace

TEST_CASE("a frame is destroyed with its owner and not twice", "[13.1][1 point]") {
    hint("Which frame does the owner destroy that owns nothing?", Mishap::crash);
    {
        FrameOwner nothing;
        CHECK_FALSE(nothing.get());
        const auto soup = serve("soup").frame;
        FrameOwner owner(soup);
        hint("get gives the frame that the owner was given.");
        CHECK(owner.get() == soup);
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
        FrameOwner first(serve("cake").frame);
        FrameOwner second(std::move(first));
        hint("After a move there is one owner. What does the other one have?");
        CHECK(first.get() == nullptr);
        CHECK(second.get() != nullptr);
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
        CHECK(owner.get() == fish);
        CHECK(other.get() == nullptr);
        FrameOwner& itself = owner;
        owner = std::move(itself);
        hint("An owner is assigned to itself. What does it destroy, and what does it have then?");
        CHECK(owner.get() == fish);
        CHECK(Guest::in_frames() == "fish ");
        owner = FrameOwner();
        hint("The owner was assigned nothing. What is left of what it had?");
        CHECK(Guest::in_frames() == "nobody");
        CHECK(owner.get() == nullptr);
        owner = FrameOwner(serve("cake").frame);
        CHECK(Guest::in_frames() == "cake ");
    }
    hint("Each frame is destroyed once.");
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

Generator<int> burns_after(Guest, int good) {
    for (int i = 1; i <= good; ++i)
        co_yield i;
    throw std::out_of_range("the cake is burnt");
}

Generator<int> throws_a_number(Guest) {
    co_yield 1;
    throw 7;
}

}  // namespace

TEST_CASE("a generator runs as far as it is asked", "[13.2][1 point]") {
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
    hint_about_frames();
    hint("Who asks a generator that is over, and what does it answer?", Mishap::stuck);
    std::string values, thrown;
    {
        Generator<int> numbers = burns_after("cake", 2);
        thrown = thrown_by([&] {
            while (numbers.next())
                values += std::to_string(numbers.value()) + " ";
        });
        hint("Two values come before the exception.");
        CHECK(values == "1 2 ");
        hint("The body threw. Where is the exception until next has returned from resume()?");
        CHECK(thrown == "the cake is burnt");
        bool more = true;
        thrown = thrown_by([&] { more = numbers.next(); });
        hint("It was thrown once. The body is over now.");
        CHECK(thrown == "nothing");
        CHECK_FALSE(more);
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

}  // namespace

TEST_CASE("a task runs when it is started and keeps its value", "[13.3][1 point]") {
    hint_about_frames();
    std::string log;
    {
        Task<int> task = cook("soup", log);
        hint("Nobody has started it. Where is the coroutine suspended?");
        REQUIRE(log == "");
        hint(
            "The body is over, and nobody awaits the task. Whom do you give back at its end? A "
            "null "
            "handle can't be resumed.",
            Mishap::crash);
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
    hint_about_frames();
    hint("The body threw, and nobody asked for the result yet. Who let the exception out?");
    std::string at_start, number_at_start;
    {
        Task<int> task = burn("cake");
        at_start = thrown_by([&] { task.start(); });
        REQUIRE(at_start == "nothing");
        REQUIRE(task.done());
        hint("Who asks for the result is told what the body threw.");
        hint("Who asks for the result is told what the body threw.", Mishap::crash);
        CHECK(thrown_by([&] { task.result(); }) == "the cake is burnt");
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

Task<int> outer(Guest, Bell& bell, std::string& log) {
    log += "outer ";
    const int twenty = co_await inner("inner", bell, log);
    log += "outer(" + Guest::in_frames() + ") ";
    co_return twenty + 1;
}

Task<std::string> waiter(Guest, std::string& log) {
    std::string told;
    log += "first ";
    told += std::to_string(co_await cook("cook", log)) + ", ";
    told += (co_await cook_text("text")).substr(0, 6) + ", ";
    try {
        co_await burn("cake");
        told += "nothing thrown";
    } catch (const std::out_of_range& error) {
        told += error.what();
    }
    try {
        co_await throw_a_number("number");
    } catch (int number) {
        told += ", " + std::to_string(number);
    }
    Task<int> kept = cook("kept", log);
    log += "kept ";
    told += ", " + std::to_string(co_await std::move(kept));
    co_return told;
}

/// Lets what `burn` throws pass.
Task<int> passes_on(Guest) {
    co_return 1 + co_await burn("cake");
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

Task<int> one(Depth& depth) {
    depth.look();
    co_return 1;
}

/// Awaits \p count tasks, one after the other.
Task<int> row(int count, Depth& depth) {
    int sum = 0;
    for (int i = 0; i < count; ++i)
        sum += co_await one(depth);
    depth.look();
    co_return sum;
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
    hint_about_turns();
    std::string log;
    {
        Bell bell;
        Task<int> task = outer("outer", bell, log);
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
        CHECK(log == "outer inner caller inner outer(outer ) caller");
        REQUIRE(task.done());
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
    CHECK_FRAMES_GONE(
        "A task is given up while it awaits another one. What becomes of both frames?");
}

TEST_CASE("co_await is worth what the task returns or throws", "[13.4][1 point]") {
    hint_about_turns();
    std::string log, told;
    {
        Task<std::string> task = waiter("waiter", log);
        std::string escaped = thrown_by([&] { task.start(); });
        hint("A task throws. Who is told: who awaits it, or who started all?");
        CHECK(escaped == "nothing");
        hint("A task is over. Who resumes the one that awaits it?");
        REQUIRE(task.done());
        told = thrown_by([&] { told = task.result(); }) + ": " + told;
        hint("What did the task return or throw, and who hands it to the one that awaits it?");
        CHECK(told == "nothing: 42, a dish, the cake is burnt, 7, 42");
        hint("A task begins when it is awaited.");
        CHECK(log == "first cooks kept cooks ");
        Task<int> through = passes_on("passes on");
        through.start();
        hint("Who does not catch it passes it on to whoever awaits them.");
        REQUIRE(through.done());
        CHECK(thrown_by([&] { through.result(); }) == "the cake is burnt");
    }
    CHECK_FRAMES_GONE("Everybody is over. And their frames?");
}

TEST_CASE("a million awaits do not grow the stack", "[13.4][1 point]") {
    hint("Is that the stack? Each resume() that you call is a call, and lies on it.",
         Mishap::crash);
    hint("Who runs next when a task is awaited, and who when it is over?", Mishap::stuck);
    const auto few_in_a_row = outcome([](Depth& depth) { return row(10, depth); });
    const auto more_in_a_row = outcome([](Depth& depth) { return row(500, depth); });
    hint("Each of 500 tasks is awaited in its turn.");
    REQUIRE(more_in_a_row.first == 500);
    hint(
        "500 tasks, one after the other, need more of the stack than 10. Do you call resume() on "
        "who "
        "awaits, or return it?");
    REQUIRE(more_in_a_row.second <= few_in_a_row.second + growth_allowed);
    const auto short_chain = outcome([](Depth& depth) { return chain(10, depth); });
    const auto long_chain = outcome([](Depth& depth) { return chain(500, depth); });
    hint("A task awaits a task that awaits a task, 500 times.");
    REQUIRE(long_chain.first == 500);
    hint(
        "A chain of 500 tasks needs more of the stack than one of 10. Do you call resume() on the "
        "task, or return it?");
    REQUIRE(long_chain.second <= short_chain.second + growth_allowed);
    const auto row_of_a_million = outcome([](Depth& depth) { return row(a_million, depth); });
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

std::string joined(Generator<std::string> words) {
    std::string text;
    for (const std::string& word : words)
        text += "[" + word + "]";
    return text;
}

}  // namespace

TEST_CASE("words outlive the text they come from", "[13.5][1 point]") {
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
    {
        Generator<std::string> left = lab::words("soup fish");
        left.next();
    }
    CHECK_FRAMES_GONE("Somebody has read enough. What becomes of the frame?");
}
