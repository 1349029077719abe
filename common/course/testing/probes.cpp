// Children, captured output and folders for tests of process code.
#include <course/testing/probes.hpp>

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <iterator>
#include <system_error>

namespace course::testing {

namespace {

[[noreturn]] void fail(const char* what) {
    throw std::system_error(errno, std::generic_category(), what);
}

void flush_all() {
    std::cout.flush();
    std::fflush(nullptr);
}

/// Standard output goes to a file without a name while one of these lives.
class OutputCapture {
  public:
    OutputCapture() : file_(std::tmpfile()), saved_(-1) {
        if (!file_)
            fail("cannot make a temporary file");
        flush_all();
        saved_ = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 100);
        if (saved_ < 0 || dup2(fileno(file_), STDOUT_FILENO) < 0)
            fail("cannot redirect standard output");
    }
    ~OutputCapture() {
        flush_all();
        dup2(saved_, STDOUT_FILENO);
        close(saved_);
        std::fclose(file_);
    }
    OutputCapture(const OutputCapture&) = delete;
    OutputCapture& operator=(const OutputCapture&) = delete;

    std::string text() const {
        flush_all();
        std::string bytes;
        char buffer[4096];
        for (off_t at = 0;;) {
            const ssize_t got = pread(fileno(file_), buffer, sizeof buffer, at);
            if (got <= 0)
                return bytes;
            bytes.append(buffer, static_cast<std::size_t>(got));
            at += got;
        }
    }

  private:
    std::FILE* file_;
    int saved_;
};

}  // namespace

ChildEnd in_child(const std::function<void()>& body) {
    const OutputCapture capture;
    const pid_t child = fork();
    if (child < 0)
        fail("cannot fork");
    if (child == 0) {
        int status = 0;
        try {
            body();
        } catch (...) {
            status = 70;  // EX_SOFTWARE of sysexits.h
        }
        flush_all();
        _exit(status);
    }
    int status = 0;
    while (waitpid(child, &status, 0) < 0)
        if (errno != EINTR)
            fail("cannot wait for the child");
    ChildEnd end;
    if (WIFEXITED(status))
        end.exit_status = WEXITSTATUS(status);
    if (WIFSIGNALED(status))
        end.signal = WTERMSIG(status);
    end.output = capture.text();
    return end;
}

std::string captured_output(const std::function<void()>& body) {
    const OutputCapture capture;
    body();
    return capture.text();
}

TemporaryFolder::TemporaryFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "course-XXXXXX").string();
    if (!mkdtemp(name.data()))
        fail("cannot make a temporary folder");
    path_ = name;
}

TemporaryFolder::~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
}

std::string contents(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    try {
        return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
    } catch (const std::ios_base::failure&) {  // a file of /proc whose process has ended meanwhile
        return {};
    }
}

}  // namespace course::testing
