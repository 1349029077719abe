// Linked into each lab's program: a missing part ends it with a sentence, not with an abort.
#include <unistd.h>

#include <course/testing/not_implemented.hpp>
#include <cstdio>
#include <exception>

namespace {

[[noreturn]] void explain_and_exit() {
    try {
        if (const auto error = std::current_exception())
            std::rethrow_exception(error);
        std::fputs("The program called std::terminate: a joinable thread was destroyed?\n", stderr);
    } catch (const course::NotImplemented& missing) {
        std::fprintf(stderr,
                     "\n%s is not implemented yet: look for TODO(%s) in the lab's .cpp file.\n",
                     missing.item().c_str(), missing.item().c_str());
        std::fflush(nullptr);
        _exit(2);
    } catch (const std::exception& error) {
        std::fprintf(stderr, "The program ended with an exception that nobody caught: %s\n",
                     error.what());
    } catch (...) {
        std::fputs("The program ended with an exception that nobody caught.\n", stderr);
    }
    std::fflush(nullptr);
    std::abort();
}

[[maybe_unused]] const auto installed = std::set_terminate(explain_and_exit);

}  // namespace
