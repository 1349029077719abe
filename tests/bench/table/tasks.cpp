// The tasks. In Python the same are in measure.py.
#include "tasks.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>
#include <cerrno>
#include <system_error>

#include "squares.hpp"

namespace table {

namespace {

constexpr std::uint64_t squares = 10'000;

std::uint64_t sum_with(const std::string& bytes) {
    return static_cast<unsigned char>(bytes[0]) + bench::sum_of_squares(squares);
}

}  // namespace

std::string read_random(int) {
    std::string bytes(100, '\0');
    const int file = open("/dev/urandom", O_RDONLY | O_CLOEXEC);
    const ssize_t got = file < 0 ? -1 : read(file, bytes.data(), bytes.size());
    const int error = errno;
    if (file >= 0)
        close(file);
    if (got != static_cast<ssize_t>(bytes.size()))
        throw std::system_error(error, std::generic_category(), "/dev/urandom");
    return bytes;
}

std::uint64_t sum_squares(int) {
    return bench::sum_of_squares(squares);
}

std::uint64_t read_and_sum(int number) {
    return sum_with(read_random(number));
}

std::uint64_t read_in_a_pool_and_sum(int number) {
    std::string bytes;
    boost::asio::thread_pool pool(1);
    boost::asio::post(pool, [&] { bytes = read_random(number); });
    pool.join();
    return sum_with(bytes);
}

}  // namespace table
