#include <fcntl.h>
#include <unistd.h>
#include <course/testing/testing.hpp>
#include "descriptors.hpp"
TEST_CASE("a child's read moves the parent's offset", "[08.1][10 points]") {
    int fd = open("/etc/passwd", O_RDONLY | O_CLOEXEC);
    course::testing::hint("fork copies the descriptor, not the open file description.");
    CHECK(offset_after_child_reads(fd, 7) == 7);
    close(fd);
}
