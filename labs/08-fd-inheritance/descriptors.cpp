// Lab 08: what a forked child shares with its parent, and how to share no more than you mean to.
#include "descriptors.hpp"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <course/testing/not_implemented.hpp>
#include <system_error>
#include <vector>

namespace lab {

namespace {

/// Given: \p result, or the error of the system call \p what as an exception. For the parent only:
/// a child must not throw, it would unwind into code that is the parent's.
template <class Result>
Result checked(Result result, const std::string& what) {
    if (result < 0)
        throw std::system_error(errno, std::generic_category(), what);
    return result;
}

}  // namespace

off_t offset_after_child_reads(int /*descriptor*/, std::size_t /*bytes*/) {
    // TODO(08.1): fork a child that reads and ends with _exit; wait for it; ask for the offset.
    throw course::NotImplemented("08.1");
}

int open_again(int /*descriptor*/) {
    // TODO(08.2): find a path that leads to the file whatever its name is now, and open that.
    throw course::NotImplemented("08.2");
}

void log_from_children(std::FILE* /*log*/, int /*children*/) {
    // TODO(08.3): fork the children, and see to it that no byte in a buffer is written twice.
    throw course::NotImplemented("08.3");
}

int open_private(const std::string& /*path*/) {
    // TODO(08.4): open the file so that there is no moment at which a new program could inherit it.
    throw course::NotImplemented("08.4");
}

std::string collect(const std::function<void(int)>& /*writer*/) {
    // TODO(08.5): make a pipe, fork, close in each process what it does not need, read to the end.
    throw course::NotImplemented("08.5");
}

}  // namespace lab
