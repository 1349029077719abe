// What the pictures of who ran when show, on eight virtual cores.
#include <chrono>
#include <course/simulation/catch.hpp>
#include <thread>
#include <vector>

#include "interpreter.hpp"

using namespace std::chrono_literals;
using course::Strategy;

namespace {

const course::simulation::Options eight_cores{.strategy = Strategy::in_order, .cores = 8};

std::vector<lab::Bytecode> steps(int count) {
    return std::vector<lab::Bytecode>(static_cast<std::size_t>(count),
                                      [] { course::compute(1ms); });
}

}  // namespace

TEST_CASE("eight threads under the lock", "[.scene]") {
    course::simulate(
        [] {
            lab::Interpreter interpreter;
            std::vector<std::jthread> threads;
            for (int i = 0; i < 8; ++i)
                threads.emplace_back([&] { interpreter.run(steps(10)); });
        },
        eight_cores);
}

TEST_CASE("eight native threads", "[.scene]") {
    course::simulate(
        [] {
            std::vector<std::jthread> threads;
            for (int i = 0; i < 8; ++i)
                threads.emplace_back([] { course::compute(10ms); });
        },
        eight_cores);
}

TEST_CASE("waiting for io", "[.scene]") {
    course::simulate(
        [] {
            lab::Interpreter interpreter;
            std::vector<std::jthread> threads;
            for (int i = 0; i < 4; ++i)
                threads.emplace_back([&] {
                    const auto read = [&] {
                        interpreter.blocking([] { std::this_thread::sleep_for(20ms); });
                    };
                    interpreter.run(
                        {[] { course::compute(4ms); }, read, [] { course::compute(4ms); }});
                });
        },
        eight_cores);
}

TEST_CASE("a short guest", "[.scene]") {
    course::simulate(
        [] {
            lab::Interpreter interpreter;
            const std::jthread spinner([&] { interpreter.run(steps(20)); });
            const std::jthread guest([&] { interpreter.run(steps(2)); });
        },
        eight_cores);
}
