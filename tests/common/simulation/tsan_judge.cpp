// Lets ThreadSanitizer judge the programs that the race detector is tested with, on real threads.
//
//     simulation-tsan [runs]      each program so often, in a process of its own
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

#include "programs/races.hpp"

extern "C" const char* __tsan_default_options() {
    return "exitcode=66 halt_on_error=1 report_bugs=1 log_path=/dev/null";
}

int main(int argc, char* argv[]) {
    const int runs = argc > 1 ? std::atoi(argv[1]) : 30;
    int wrong = 0;
    std::setvbuf(stdout, nullptr, _IONBF, 0);  // or each child would print what came before it
    for (const auto& program : programs::race_programs()) {
        int reported = 0;
        for (int i = 0; i < runs; ++i) {
            const pid_t child = fork();
            if (child == 0) {
                alarm(10);
                program.body();
                std::exit(0);
            }
            int status = 0;
            waitpid(child, &status, 0);
            reported += !WIFEXITED(status) || WEXITSTATUS(status) != 0;
        }
        const bool right = program.racy ? reported == runs : reported == 0;
        wrong += right ? 0 : 1;
        std::printf("%-40s %-5s  reported in %2d of %d runs%s\n", program.name.c_str(),
                    program.racy ? "racy" : "right", reported, runs,
                    right ? "" : "   <-- not as it is");
    }
    std::printf("%d of %zu programs were misjudged in at least one run\n", wrong,
                programs::race_programs().size());
    return 0;
}
