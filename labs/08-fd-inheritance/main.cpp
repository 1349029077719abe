// Shows what a child shares with its parent: the offset, the buffers, the descriptors.
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <functional>
#include <string>

#include "descriptors.hpp"

namespace {

/// How a child may come by a descriptor for the file that its parent has open.
struct Way {
    const char* name;
    int (*from)(int parents);
};
const Way ways[] = {{"the descriptor it inherited", [](int parents) { return parents; }},
                    {"a dup of it", [](int parents) { return dup(parents); }},
                    {"open_again of it", lab::open_again}};

void title(const char* text) {
    std::printf("\n%s\n", text);
}

void row(const char* what, const std::string& value) {
    std::printf("  %-29s %s\n", what, value.c_str());
    std::fflush(stdout);  // nothing of ours may be left in the buffer when somebody forks
}

void put(int descriptor, const std::string& text) {
    if (write(descriptor, text.data(), text.size()) < 0)
        std::perror("write");
}

void in_child(const std::function<void()>& body) {
    const pid_t child = fork();
    if (child == 0) {
        body();
        _exit(0);
    }
    waitpid(child, nullptr, 0);
}

/// A new file that is gone when it is closed.
std::FILE* new_file() {
    return fdopen(memfd_create("log", MFD_CLOEXEC), "w+");
}

/// What is in \p file, on one line.
std::string text_of(std::FILE* file) {
    std::string text(4096, '\0');
    text.resize(static_cast<std::size_t>(pread(fileno(file), text.data(), text.size(), 0)));
    std::replace(text.begin(), text.end(), '\n', ' ');
    return text;
}

/// Do \p body with a new file, and with a descriptor for it that was got in each of the ways.
void in_each_way(const std::function<std::string(std::FILE*, int)>& body) {
    for (const Way& way : ways) {
        std::FILE* const file = new_file();
        const int childs = way.from(fileno(file));
        row(way.name, body(file, childs));
        if (childs != fileno(file))
            close(childs);
        std::fclose(file);
    }
}

/// What a program finds open as \p descriptor if it is started now.
std::string seen_by_a_program(int descriptor) {
    const std::string look = "readlink -n /proc/self/fd/" + std::to_string(descriptor);
    std::FILE* const program = popen((look + " || printf nothing").c_str(), "re");
    char answer[200] = "";
    if (!std::fgets(answer, sizeof answer, program))
        answer[0] = '\0';
    pclose(program);
    close(descriptor);
    return "descriptor " + std::to_string(descriptor) + ": " + answer;
}

}  // namespace

int main() {
    title("A child reads 6 bytes. At which offset is the parent then?");
    in_each_way([](std::FILE* file, int childs) {
        put(fileno(file), "first\nsecond\n");
        lseek(fileno(file), 0, SEEK_SET);
        lab::offset_after_child_reads(childs, 6);
        return std::to_string(lseek(fileno(file), 0, SEEK_CUR));
    });

    title("The parent writes AAAAAAAA to its log, then a child writes bbb. What is in the log?");
    //! [two writers]
    in_each_way([](std::FILE* file, int childs) {
        put(fileno(file), "AAAAAAAA");
        in_child([&] { put(childs, "bbb"); });
        return text_of(file);
    });
    //! [two writers]

    title(
        "The parent leaves a line in its buffer, three children write one each. Which are there?");
    for (const bool careful : {false, true}) {
        std::FILE* const log = new_file();
        std::fputs("parent\n", log);
        if (careful)
            lab::log_from_children(log, 3);
        for (int number = 0; number < 3 && !careful; ++number)
            in_child([&] {
                std::fprintf(log, "child %d\n", number);
                std::fflush(log);
            });
        std::fflush(log);
        row(careful ? "log_from_children" : "fork, print, flush", text_of(log));
        std::fclose(log);
    }

    title("What does a program find open that is started now?");
    row("after open", seen_by_a_program(open("/etc/passwd", O_RDONLY)));
    row("after open_private", seen_by_a_program(lab::open_private("/etc/passwd")));

    title("A child writes 1000000 bytes into a pipe, which can hold 65536. What comes out?");
    const std::string output = lab::collect([](int to) { put(to, std::string(1'000'000, 's')); });
    row("collect", std::to_string(output.size()) + " bytes");
}
