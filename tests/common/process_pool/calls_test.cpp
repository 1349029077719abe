// What crosses to a worker and back: arguments, results, exceptions.
#include <map>
#include <optional>

#include "kitchen.hpp"

using namespace course;
using namespace kitchen;

namespace {

struct Dish {
    std::string name;
    double price = 0;
    std::vector<int> parts;
    template <class Archive>
    void serialize(Archive& archive) {
        archive(name, price, parts);
    }
    bool operator==(const Dish&) const = default;
};

enum class Heat { low, high };

struct OwnError : std::runtime_error {
    using std::runtime_error::runtime_error;
};
struct CarriedError : std::runtime_error {
    using std::runtime_error::runtime_error;
};

std::string concatenated(const std::string& a, std::string_view b) {
    return a + std::string(b);
}

}  // namespace

TEST_CASE("a call runs in another process and its value comes back") {
    ProcessPool pool({.max_workers = 1});
    CHECK(pool.submit(add, 40, 2).get() == 42);
    CHECK(pool.submit(who).get() != getpid());
    CHECK(pool.submit([](double x) { return x / 2; }, 5).get() == 2.5);
    CHECK(pool.submit(concatenated, "soup", " of the day").get() == "soup of the day");
    pool.submit([] {}).get();
    CHECK(pool.submit([] { return Heat::high; }).get() == Heat::high);
}

TEST_CASE("containers and types with a serialize function cross") {
    ProcessPool pool({.max_workers = 1});
    const Dish dish{"stew", 12.5, {1, 2, 3}};
    CHECK(pool.submit([](Dish d) { return d; }, dish).get() == dish);
    const std::map<std::string, std::optional<Dish>> menu{{"a", dish}, {"b", {}}};
    CHECK(pool.submit([](std::map<std::string, std::optional<Dish>> m) { return m; }, menu).get() ==
          menu);
    CHECK(
        pool.submit([](std::vector<bool> v) { return v; }, std::vector<bool>{true, false}).get() ==
        std::vector<bool>{true, false});
    CHECK(pool.submit([] { return std::vector<int>(); }).get().empty());
    CHECK(pool.submit([] { return std::string(); }).get().empty());
}

TEST_CASE("values of all sizes cross whole") {
    ProcessPool pool({.max_workers = 2});
    // Around the limits: inside the message, whole frames, frames in pieces, larger than a ring.
    for (const std::size_t size : {0UL, 1UL, 63UL, 64UL, 65UL, 4096UL, 32760UL, 32768UL, 32769UL,
                                   65535UL, 65536UL, 131072UL, 1000003UL}) {
        std::string text(size, '\0');
        for (std::size_t i = 0; i < size; ++i)
            text[i] = static_cast<char>(i * 31 + i / 251);
        const auto echo = [](std::string s) { return s; };
        CHECK(pool.submit(echo, text).get() == text);
        const auto wrapped = [](Dish d) { return d; };
        CHECK(pool.submit(wrapped, Dish{text, 1, {}}).get().name == text);
    }
}

TEST_CASE("many large values cross at once in both directions") {
    ProcessPool pool({.max_workers = 2});
    std::vector<Future<std::vector<long>>> futures;
    for (long i = 0; i < 24; ++i)
        futures.push_back(pool.submit(
            [](std::vector<long> v) {
                v.push_back(v.front());
                return v;
            },
            std::vector<long>(40'000, i)));
    for (long i = 0; i < 24; ++i) {
        const auto values = futures[static_cast<std::size_t>(i)].get();
        REQUIRE(values.size() == 40'001);
        CHECK(std::count(values.begin(), values.end(), i) == 40'001);
    }
}

TEST_CASE("a large argument given as an rvalue is sent from where it lies") {
    std::string text(1 << 20, 'x');
    const char* const where = text.data();
    pool::Message message;
    pool::encode_call(
        message, [](const std::string& s) { return s.size(); }, std::move(text));
    CHECK(message.refers());
    CHECK(message.refers_to(where));
    std::string copied(1 << 20, 'y');
    pool::Message other;
    pool::encode_call(
        other, [](const std::string& s) { return s.size(); }, copied);
    copied.assign(1 << 20, 'z');  // the caller goes on with its own
    std::string sent(other.size(), ' ');
    other.copy(0, sent.data(), sent.size());
    CHECK(sent.ends_with(std::string(1 << 20, 'y')));
}

TEST_CASE("an exception of a call comes out of get as what it was") {
    ProcessPool pool({.max_workers = 1});
    CHECK_THROWS_AS(pool.submit([] { throw std::out_of_range("menu"); }).get(), std::out_of_range);
    CHECK_THROWS_AS(pool.submit([] { throw std::bad_alloc(); }).get(), std::bad_alloc);
    try {
        pool.submit([] { throw std::system_error(ENOENT, std::generic_category(), "the recipe"); })
            .get();
        FAIL("nothing was thrown");
    } catch (const std::system_error& error) {
        CHECK(error.code().value() == ENOENT);
        CHECK(std::string(error.what()) == "the recipe: No such file or directory");
    }
    CHECK(pool.submit(add, 1, 1).get() == 2);  // the worker has survived
}

TEST_CASE("an exception of another type arrives with its name and message") {
    ProcessPool pool({.max_workers = 1});
    try {
        pool.submit([] { throw OwnError("burnt"); }).get();
        FAIL("nothing was thrown");
    } catch (const RemoteError& error) {
        CHECK(error.type().ends_with("OwnError"));
        CHECK(std::string(error.what()).ends_with("OwnError: burnt"));
    }
    CHECK_THROWS_AS(pool.submit([] { throw 7; }).get(), RemoteError);
    carry_exception<CarriedError>();
    CHECK_THROWS_AS(pool.submit([] { throw CarriedError("x"); }).get(), CarriedError);
}

TEST_CASE("a worker's printed text appears once and in time") {
    const std::string output = testing::captured_output([] {
        std::fputs("before ", stdout);  // buffered when the server is forked
        const auto end = testing::in_child([] {
            ProcessPool pool({.max_workers = 1});
            pool.submit([] { std::printf("task "); }).get();
            pool.submit([] { std::printf("again"); }).get();
        });
        std::fputs(end.output.c_str(), stdout);
    });
    CHECK(output == "before task again");
}

TEST_CASE("bytes that are no value are refused before memory is taken") {
    std::uint64_t huge = 1ULL << 60;
    pool::Reader strings(reinterpret_cast<const char*>(&huge), sizeof huge);
    CHECK_THROWS_AS(pool::decode<std::string>(strings), MessageError);
    pool::Reader dishes(reinterpret_cast<const char*>(&huge), sizeof huge);
    CHECK_THROWS_AS(pool::decode<std::vector<Dish>>(dishes), MessageError);
    pool::Reader number("abc", 3);
    CHECK_THROWS_AS(pool::decode<int>(number), MessageError);
}
