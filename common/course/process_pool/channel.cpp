// Channel: making and mapping the segment, and the doorbell.
#include <sys/mman.h>
#include <sys/socket.h>

#include <tuple>

#include <course/process_pool/channel.hpp>

namespace course::pool {

namespace {

constexpr std::size_t page_size = 4096;
static_assert(sizeof(SharedPage) <= page_size);
static_assert(std::atomic<std::uint64_t>::is_always_lock_free);
constexpr std::size_t mapped_size = page_size + 4 * ring_size;

}  // namespace

Channel::Channel() {
    std::tie(socket_, peer_socket) = socket_pair(SOCK_STREAM);
    memory.reset(checked(memfd_create("process-pool", MFD_CLOEXEC), "memfd_create"));
    checked(ftruncate(memory.get(), page_size + 2 * ring_size), "ftruncate");
    map(memory.get());
}

Channel::Channel(int socket, int memory_descriptor) : socket_(socket) {
    const Descriptor closed_at_the_end(memory_descriptor);
    map(memory_descriptor);
}

void Channel::map(int memory_descriptor) {
    void* const all = mmap(nullptr, mapped_size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (all == MAP_FAILED)
        checked(-1, "mmap");
    mapping_ = all;
    const auto place = [&](std::size_t at, std::size_t size, std::size_t offset) {
        if (mmap(static_cast<char*>(all) + at, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED,
                 memory_descriptor, static_cast<off_t>(offset)) == MAP_FAILED) {
            const int error = errno;
            munmap(all, mapped_size);
            throw std::system_error(error, std::generic_category(), "mmap");
        }
    };
    place(0, page_size + ring_size, 0);
    place(page_size + ring_size, ring_size, page_size);
    place(page_size + 2 * ring_size, ring_size, page_size + ring_size);
    place(page_size + 3 * ring_size, ring_size, page_size + ring_size);
}

Channel::~Channel() {
    munmap(mapping_, mapped_size);
}

char* Channel::requests() const {
    return static_cast<char*>(mapping_) + page_size;
}

char* Channel::results() const {
    return static_cast<char*>(mapping_) + page_size + 2 * ring_size;
}

void Channel::ring() const noexcept {
    const char byte = 1;
    retried([&] { return send(socket_.get(), &byte, 1, MSG_NOSIGNAL | MSG_DONTWAIT); });
}

bool Channel::wait() const noexcept {
    char bytes[64];
    return retried([&] { return recv(socket_.get(), bytes, sizeof bytes, 0); }) > 0;
}

bool Channel::drain() const noexcept {
    char bytes[64];
    const ssize_t got =
        retried([&] { return recv(socket_.get(), bytes, sizeof bytes, MSG_DONTWAIT); });
    return got > 0 || (got < 0 && errno == EAGAIN);
}

}  // namespace course::pool
