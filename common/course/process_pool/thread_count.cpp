// Counts the tasks in /proc.
#include <dirent.h>
#include <unistd.h>

#include <course/process_pool/thread_count.hpp>

/// There with ThreadSanitizer, whatever the compiler.
extern "C" [[gnu::weak]] void __tsan_init();

namespace course::pool {

namespace {

const pid_t first_process = getpid();

}  // namespace

int number_of_threads() {
    int threads = 0;
    if (DIR* tasks = opendir("/proc/self/task")) {
        while (const dirent* entry = readdir(tasks))
            if (entry->d_name[0] != '.')
                ++threads;
        closedir(tasks);
    }
    // The sanitizer's own one is not copied by a fork.
    return threads - (__tsan_init != nullptr && getpid() == first_process ? 1 : 0);
}

}  // namespace course::pool
