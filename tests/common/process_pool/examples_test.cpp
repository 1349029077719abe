// The examples of docs/process-pool.md: they compile, they do what the page says, and the page shows these very lines.
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <iostream>
#include <sstream>

//! [include]
#include <course/process_pool/asio.hpp>
#include <course/process_pool/process_pool.hpp>
//! [include]

#include "kitchen.hpp"

namespace {

//! [type]
struct Dish {
    std::string name;
    double price = 0;

    template <class Archive>
    void serialize(Archive& archive) {
        archive(name, price);
    }
};
//! [type]

//! [functions]
double sum_of_squares(long limit) {
    double sum = 0;
    for (long i = 0; i < limit; ++i)
        sum += static_cast<double>(i) * static_cast<double>(i);
    return sum;
}

Dish discounted(Dish dish, double factor) {
    dish.price *= factor;
    return dish;
}
//! [functions]

void open_the_books(const std::string& path) {
    if (path.empty())
        throw std::runtime_error("no path");
}
void close_the_books() {}

std::string futures() {
    std::ostringstream out;
    //! [submit]
    course::ProcessPool pool({.max_workers = 2});
    auto dish = pool.submit(discounted, Dish{"soup", 8}, 0.5);
    auto sum = pool.submit(sum_of_squares, 1000);
    out << dish.get().name << " " << sum.get() << "\n";
    //! [submit]
    //! [map]
    const std::vector<long> limits{10, 100, 1000, 10000};
    for (const double each : pool.map(sum_of_squares, limits, 2))
        out << each << "\n";
    //! [map]
    //! [as_completed]
    std::vector<course::Future<double>> calls;
    for (const long limit : limits)
        calls.push_back(pool.submit(sum_of_squares, limit));
    double total = 0;
    for (auto& call : course::as_completed(calls))  // as they are done
        total += call.get();
    //! [as_completed]
    out << total << "\n";
    return out.str();
}

void options() {
    //! [options]
    course::ProcessPool pool({
        .max_workers = 2,
        .initializer = {open_the_books, "kitchen.db"},  // in each worker, before its first task
        .finalizer = {close_the_books},                 // in each worker, after its last one
        .max_tasks_per_child = 100,                     // then the worker is replaced
        .on_death = course::OnDeath::respawn,           // or break_pool
        .retries = 1,                                   // for a task whose worker died
    });
    //! [options]
    pool.submit([] {}).get();
}

//! [coroutine]
boost::asio::awaitable<void> serve(course::ProcessPool& pool, double& sum) {
    using boost::asio::use_awaitable;
    sum = co_await course::async_submit(pool, sum_of_squares, 1000, use_awaitable);
}

double on_one_thread() {
    boost::asio::io_context kitchen;
    course::ProcessPool pool({.max_workers = 2}, course::driven_by(kitchen));
    double sum = 0;
    boost::asio::co_spawn(kitchen, serve(pool, sum), boost::asio::detached);
    kitchen.run();  // until nothing is left to do
    return sum;
}
//! [coroutine]

/// What stands between the two marks, without the indentation that all lines have.
std::string region(const std::string& text, const std::string& name) {
    std::istringstream lines(text);
    std::vector<std::string> inside;
    bool within = false;
    std::size_t indentation = std::string::npos;
    for (std::string line; std::getline(lines, line);) {
        if (line.ends_with("//! [" + name + "]")) {
            within = !within;
        } else if (within) {
            inside.push_back(line);
            if (!line.empty())
                indentation = std::min(indentation, line.find_first_not_of(' '));
        }
    }
    std::string result;
    for (const auto& line : inside)
        result += (line.empty() ? line : line.substr(indentation)) + "\n";
    return result;
}

}  // namespace

TEST_CASE("the examples of the page do what it says") {
    CHECK(futures() == "soup 3.32834e+08\n285\n328350\n3.32834e+08\n3.33283e+11\n3.33616e+11\n");
    options();
    CHECK(on_one_thread() == 332833500);
}

TEST_CASE("the page shows the examples that are compiled") {
    const std::string page = course::testing::contents(COURSE_ROOT "/docs/process-pool.md");
    const std::string source =
        course::testing::contents(COURSE_ROOT "/tests/common/process_pool/examples_test.cpp");
    for (const char* name : {"include", "type", "functions", "submit", "map", "as_completed",
                             "options", "coroutine"}) {
        CAPTURE(name);
        REQUIRE(region(source, name) != "");
        CHECK_THAT(page, course::testing::ContainsSubstring(region(source, name)));
    }
}
