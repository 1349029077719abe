// The main of the tests of ProcessPool: a fork server first, as every program with a pool should have.
#include <course/process_pool/fork_server.hpp>

#if __has_include(<catch2/catch_all.hpp>)
#include <catch2/catch_session.hpp>
#else
#define CATCH_CONFIG_RUNNER
#include <catch2/catch.hpp>
#endif

#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
/// Some tests make a program of their own in a forked child, and that one may have threads.
extern "C" const char* __tsan_default_options() {
    return "die_after_fork=0";
}
#endif
#endif

int main(int argc, char* argv[]) {
    course::ForkServer server;
    return Catch::Session().run(argc, argv);
}
