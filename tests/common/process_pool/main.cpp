// The main of the tests of ProcessPool: a fork server first, as every program with a pool should have.
#include <course/process_pool/fork_server.hpp>

#if __has_include(<catch2/catch_all.hpp>)
#include <catch2/catch_session.hpp>
#else
#define CATCH_CONFIG_RUNNER
#include <catch2/catch.hpp>
#endif

int main(int argc, char* argv[]) {
    course::ForkServer server;
    return Catch::Session().run(argc, argv);
}
