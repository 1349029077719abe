// The parent reads from a pipe what its child prints, and writes it to its own standard output.
#include "shown_output.hpp"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include <algorithm>
#include <string_view>

namespace course::simulation {
namespace {

void write_all(std::string_view text) {
    while (!text.empty()) {
        const ssize_t written = write(STDOUT_FILENO, text.data(), text.size());
        if (written <= 0) {
            return;  // nobody reads any more
        }
        text.remove_prefix(static_cast<std::size_t>(written));
    }
}

}  // namespace

ShownOutput::ShownOutput() {
    fflush(nullptr);  // else the child had it as well
    if (pipe2(ends_, O_CLOEXEC) == 0) {
        fcntl(ends_[0], F_SETFL, O_NONBLOCK);
        fcntl(ends_[1], F_SETPIPE_SZ, 1 << 20);  // who prints much shall not have to wait
    }
}

ShownOutput::~ShownOutput() {
    for (const int end : ends_) {
        if (end >= 0) {
            close(end);
        }
    }
}

void ShownOutput::begin_in_child() const {
    dup2(ends_[1], STDOUT_FILENO);
    dup2(ends_[1], STDERR_FILENO);
    close(ends_[0]);
    close(ends_[1]);
    // A schedule that fails leaves no time to write the rest. With a buffer of its own, as libc
    // forgets about lines if it goes on with the one it has.
    static char line[BUFSIZ];
    setvbuf(stdout, line, _IOLBF, sizeof line);
}

void ShownOutput::begin_in_parent() {
    close(ends_[1]);
    ends_[1] = -1;
}

void ShownOutput::show() {
    char buffer[1 << 14];
    for (ssize_t size; (size = read(ends_[0], buffer, sizeof buffer)) > 0;) {
        const std::size_t room = limit - shown_;
        const std::size_t part = std::min(room, static_cast<std::size_t>(size));
        write_all({buffer, part});
        shown_ += part;
        if (static_cast<std::size_t>(size) > room && !cut_) {
            cut_ = true;
            write_all("\n(the program prints more than 2 MB: the rest is not shown)\n");
        }
    }
}

}  // namespace course::simulation
