#include "descriptors.hpp"
#include <sys/wait.h>
#include <unistd.h>
off_t offset_after_child_reads(int fd, std::size_t bytes) {
    if (const pid_t c = fork(); c == 0) { char b[64]; _exit(read(fd, b, bytes) < 0); } else { int s; waitpid(c, &s, 0); }
    return lseek(fd, 0, SEEK_CUR);
}
