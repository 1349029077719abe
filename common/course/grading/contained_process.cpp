// The grader's side of a contained process: pipes, caps on output, the status of the supervisor.
#include <course/grading/contained_process.hpp>

#include <fcntl.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <csignal>
#include <cstring>
#include <system_error>

#include <course/grading/supervisor.hpp>
#include <course/testing/report_channel.hpp>

namespace course::grading {

namespace {

namespace asio = boost::asio;

[[noreturn]] void fail(const char* what) {
    throw std::system_error(errno, std::generic_category(), what);
}

struct Ends {
    int ours = -1;
    int theirs = -1;
};

Ends make_pipe() {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0)
        fail("cannot make a pipe");
    return {ends[0], ends[1]};
}

Ends make_channel() {
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
        fail("cannot make a report channel");
    return {ends[0], ends[1]};
}

std::string make_nonce() {
    std::array<unsigned char, testing::nonce_length / 2> random{};
    if (getrandom(random.data(), random.size(), 0) != static_cast<ssize_t>(random.size()))
        fail("cannot get random bytes");
    std::string text;
    for (const unsigned char byte : random) {
        text += "0123456789abcdef"[byte >> 4];
        text += "0123456789abcdef"[byte & 15];
    }
    return text;
}

/// One contained process; lives until its handlers have run.
class Run : public std::enable_shared_from_this<Run> {
  public:
    Run(asio::io_context& context, Command command, std::function<void(Outcome)> done)
        : command_(std::move(command)),
          done_(std::move(done)),
          output_(context),
          error_(context),
          channel_(context),
          status_(context),
          patience_(context),
          user_(command_.sandbox ? command_.sandbox->user() : sandbox::UserSlot(false)) {
        if (command_.sandbox)
            command_.arguments = command_.sandbox->around(command_.arguments, command_.room, user_);
    }

    pid_t start() {
        const Ends output = make_pipe();
        const Ends error = make_pipe();
        const Ends status = make_pipe();
        const Ends channel = command_.with_channel ? make_channel() : Ends{};
        if (command_.with_channel) {
            outcome_.nonce = make_nonce();
            if (write(channel.ours, outcome_.nonce.data(), outcome_.nonce.size()) < 0)
                fail("cannot write to the report channel");
        }
        const pid_t grader = getpid();
        supervisor_ = fork();
        if (supervisor_ < 0)
            fail("cannot fork");
        if (supervisor_ == 0)
            supervise(command_, {output.theirs, error.theirs, channel.theirs, status.theirs},
                      grader);
        for (const int end : {output.theirs, error.theirs, channel.theirs, status.theirs})
            if (end >= 0)
                close(end);
        const auto counted = [this](std::string& kept, std::string_view bytes) {
            keep(kept, bytes);
        };
        drain(output_, output.ours, outcome_.output, counted);
        drain(error_, error.ours, outcome_.error, counted);
        if (channel.ours >= 0)
            drain(channel_, channel.ours, outcome_.report,
                  [](std::string& kept, std::string_view bytes) {
                      if (kept.size() < (std::size_t{4} << 20))
                          kept += bytes;
                  });
        drain(status_, status.ours, status_bytes_,
              [](std::string& kept, std::string_view bytes) { kept += bytes; });
        // The supervisor keeps the time. If it can't (stopped or killed by the tree), we end it.
        patience_.expires_after(command_.limits.wall * 5 + std::chrono::seconds(5));
        patience_.async_wait(
            [self = shared_from_this()](const boost::system::error_code& cancelled) {
                if (!cancelled)
                    kill(-self->supervisor_, SIGKILL), kill(self->supervisor_, SIGKILL);
            });
        return supervisor_;
    }

  private:
    using Sink = std::function<void(std::string&, std::string_view)>;

    void drain(asio::posix::stream_descriptor& stream, int fd, std::string& kept, Sink sink) {
        stream.assign(fd);
        ++open_;
        read_more(stream, kept, std::move(sink), std::make_shared<std::array<char, 16384>>());
    }

    void read_more(asio::posix::stream_descriptor& stream, std::string& kept, Sink sink,
                   std::shared_ptr<std::array<char, 16384>> buffer) {
        auto& bytes = *buffer;
        stream.async_read_some(asio::buffer(bytes),
                               [self = shared_from_this(), &stream, &kept, sink = std::move(sink),
                                buffer = std::move(buffer)](const boost::system::error_code& error,
                                                            std::size_t got) mutable {
                                   sink(kept, {buffer->data(), got});
                                   if (!error)
                                       return self->read_more(stream, kept, std::move(sink),
                                                              std::move(buffer));
                                   if (&stream == &self->status_)
                                       self->tree_has_ended();
                                   if (--self->open_ == 0)
                                       self->finish();
                               });
    }

    void keep(std::string& kept, std::string_view bytes) {
        outcome_.written += bytes.size();
        const std::size_t room =
            command_.limits.kept_output - std::min(kept.size(), command_.limits.kept_output);
        kept += bytes.substr(0, room);
        if (outcome_.written > command_.limits.output)
            kill(supervisor_, SIGTERM);
    }

    /// Whoever could have written is dead: what is in the pipes now is all there will be.
    void tree_has_ended() {
        patience_.cancel();
        for (auto* stream : {&output_, &error_, &channel_})
            if (stream->is_open())
                take_rest(*stream);
    }

    void take_rest(asio::posix::stream_descriptor& stream) {
        stream.native_non_blocking(true);
        std::string& kept = &stream == &output_  ? outcome_.output
                            : &stream == &error_ ? outcome_.error
                                                 : outcome_.report;
        std::array<char, 16384> bytes;
        for (;;) {
            const ssize_t got = read(stream.native_handle(), bytes.data(), bytes.size());
            if (got <= 0)
                break;
            if (&stream == &channel_)
                kept.append(bytes.data(), static_cast<std::size_t>(got));
            else
                keep(kept, {bytes.data(), static_cast<std::size_t>(got)});
        }
        stream.close();
    }

    void finish() {
        int ignored = 0;
        waitpid(supervisor_, &ignored, 0);
        SupervisorStatus status;
        if (status_bytes_.size() < sizeof status) {
            outcome_.end = Outcome::End::lost;
            return done_(std::move(outcome_));
        }
        std::memcpy(&status, status_bytes_.data(), sizeof status);
        outcome_.end = static_cast<Outcome::End>(status.end);
        outcome_.code = status.code;
        outcome_.wall = std::chrono::microseconds(status.wall);
        outcome_.cpu = std::chrono::microseconds(status.cpu);
        outcome_.max_rss = static_cast<long>(status.max_rss);
        outcome_.left_over = status.left_over;
        outcome_.computing = status.computing;
        outcome_.waiting = status_bytes_.substr(sizeof status);
        done_(std::move(outcome_));
    }

    Command command_;
    std::function<void(Outcome)> done_;
    Outcome outcome_;
    std::string status_bytes_;
    asio::posix::stream_descriptor output_, error_, channel_, status_;
    asio::steady_timer patience_;
    sandbox::UserSlot user_;  // nobody else's until the tree has ended
    pid_t supervisor_ = -1;
    int open_ = 0;
};

}  // namespace

pid_t run_contained(asio::io_context& context, Command command, std::function<void(Outcome)> done) {
    return std::make_shared<Run>(context, std::move(command), std::move(done))->start();
}

std::string Limits::describe() const {
    const auto mebibytes = [](std::uint64_t bytes) { return std::to_string(bytes >> 20) + " MiB"; };
    return "CPU time " + std::to_string(cpu.count()) + " s; on the clock " +
           std::to_string(std::chrono::round<std::chrono::seconds>(wall).count()) + " s; memory " +
           mebibytes(tree_memory) + " in all" +
           (memory ? ", " + mebibytes(*memory) + " of addresses for a process" : "") + "; a file " +
           mebibytes(file_size) + "; output " + mebibytes(output);
}

std::string signal_name(int signal) {
    const char* abbreviation = sigabbrev_np(signal);
    return abbreviation ? "SIG" + std::string(abbreviation) : "signal " + std::to_string(signal);
}

std::string Outcome::describe() const {
    const auto seconds = [](std::chrono::microseconds time) {
        const auto tenths = time.count() / 100'000;
        return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + " s";
    };
    switch (end) {
        case End::exited:
            return "ended with exit status " + std::to_string(code);
        case End::signalled:
            return "was ended by " + signal_name(code);
        case End::cpu_limit:
            return "used up its CPU time: " + seconds(cpu);
        case End::wall_limit:
            return "did not end within " + seconds(wall);
        case End::output_limit:
            return "wrote too much: " + std::to_string(written >> 20) + " MiB";
        case End::memory_limit:
            return "took too much memory, all its processes together";
        case End::no_sandbox:
            return "could not be put into the sandbox: " + error.substr(0, error.find('\n'));
        case End::lost:
            return "stopped or killed the process that watches over it";
        case End::not_started:
            return "could not be started: " + std::generic_category().message(code);
    }
    return "";
}

}  // namespace course::grading
