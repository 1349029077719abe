// The worker's loop.
#include <sys/prctl.h>

#include <algorithm>
#include <cstdio>
#include <iostream>

#include <course/process_pool/channel.hpp>
#include <course/process_pool/pause.hpp>
#include <course/process_pool/serialize.hpp>
#include <course/process_pool/worker.hpp>

namespace course::pool {

namespace {

/// The program closed the channel.
struct ProgramGone {};

class Worker final : public Reply {
  public:
    Worker(int socket, int memory)
        : channel_(socket, memory),
          requests_(channel_.page().requests, channel_.requests()),
          results_(channel_.page().results, channel_.results()) {}

    void run() {
        for (;;) {
            const FrameHeader header = next_header();
            switch (header.tag) {
                case Tag::initializer:
                    if (!call(header, Tag::start_failed))
                        return;
                    send(Tag::ready, 0, {});
                    break;
                case Tag::finalizer:
                    finalizer_.resize(header.length);
                    payload(header).read(finalizer_.data(), finalizer_.size());
                    finish_frame();
                    break;
                case Tag::task:
                    run_task(header);
                    break;
                default:
                    finalize();
                    return;
            }
        }
    }

    void value(const Message& message) override { send(Tag::value, sequence_, message); }
    void item(std::uint64_t index) noexcept override {
        channel_.page().item.store(index, std::memory_order_relaxed);
    }

  private:
    /// The payload of a frame, of which the end may not have been sent yet.
    class Payload final : public Reader {
      public:
        Payload(Worker& worker, std::size_t length)
            : Reader(worker.requests_.here(), 0), worker_(worker) {
            here_ = std::min(length, worker_.requests_.available());
            elsewhere_ = length - here_;
            taken_ = here_;
        }
        ~Payload() override {
            if (elsewhere_ == 0 || worker_.gone_) {
                worker_.requests_.advance(taken_);
                return;
            }
            char skipped[1024];  // what nobody wanted to read
            try {
                while (remaining() > 0)
                    read(skipped, std::min(remaining(), sizeof skipped));
                worker_.requests_.advance(taken_);
            } catch (const ProgramGone&) {
            }
        }

      private:
        void read_more(char* to, std::size_t size) override {
            if (size > remaining())
                throw MessageError("a message ends in the middle of a value");
            while (size > 0) {
                const std::size_t part = std::min(size, here_);
                if (part > 0)
                    std::memcpy(to, at_, part);
                to += part, size -= part, at_ += part, here_ -= part;
                if (size > 0)
                    refill();
            }
        }
        void refill() {
            worker_.requests_.advance(taken_);
            worker_.finish_frame();
            worker_.wait_for_requests();
            at_ = worker_.requests_.here();
            here_ = std::min(elsewhere_, worker_.requests_.available());
            elsewhere_ -= here_;
            taken_ = here_;
        }
        Worker& worker_;
        std::size_t taken_;
    };

    Payload payload(const FrameHeader& header) { return Payload(*this, header.length); }

    FrameHeader next_header() {
        if (requests_.empty())
            wait_for_requests();
        FrameHeader header;
        std::memcpy(&header, requests_.here(), sizeof header);
        requests_.advance(sizeof header);
        return header;
    }

    /// Give the space of what was read back.
    void finish_frame() {
        requests_.release();
        channel_.ring_if(channel_.page().program_wants_space);
    }

    /// Look again for a while, then put \p flag up and sleep.
    template <class Ready>
    void wait_until(std::atomic<std::uint32_t>& flag, Ready ready) {
        if (spinner_(ready))
            return;
        for (;;) {
            flag.store(1, std::memory_order_relaxed);
            std::atomic_thread_fence(std::memory_order_seq_cst);
            if (ready())
                break;
            if (!channel_.wait()) {
                gone_ = true;
                throw ProgramGone();
            }
        }
        flag.store(0, std::memory_order_relaxed);
    }

    void wait_for_requests() {
        if (requests_.empty()) {
            announce(true);
            std::fflush(stdout);  // what a task has printed must not wait for the next one
            wait_until(channel_.page().worker_sleeps, [this] { return !requests_.empty(); });
        }
    }

    void run_task(const FrameHeader& header) {
        auto& word = channel_.page().claims[header.sequence % window];
        std::uint64_t expected = std::uint64_t{header.sequence} << 2 | offered;
        item(0);
        if (word.compare_exchange_strong(expected, std::uint64_t{header.sequence} << 2 | claimed))
            call(header, Tag::error);
        else
            payload(header);  // it was taken back: skip it
        finish_frame();
    }

    /// Make the call in the payload; its exception goes out as \p on_error.
    bool call(const FrameHeader& header, Tag on_error) {
        sequence_ = header.sequence;
        silent_ = on_error == Tag::start_failed;
        Message error;
        try {
            Payload arguments(*this, header.length);
            if (header.length > 0)
                invoke(arguments);
            return true;
        } catch (const ProgramGone&) {
            throw;
        } catch (...) {
            encode_exception(error);
        }
        send(on_error, sequence_, error);
        announce(on_error == Tag::start_failed);
        return false;
    }

    void invoke(Reader& arguments) {
        Invoker invoker = nullptr;
        arguments.read(&invoker, sizeof invoker);
        invoker(arguments, *this);
    }

    void finalize() {
        silent_ = true;
        try {
            Reader arguments(finalizer_.data(), finalizer_.size());
            if (!finalizer_.empty())
                invoke(arguments);
        } catch (const std::exception& error) {
            std::fprintf(stderr, "process pool: a finalizer failed: %s\n", error.what());
        } catch (...) {
            std::fputs("process pool: a finalizer failed\n", stderr);
        }
    }

    void send(Tag tag, std::uint32_t sequence, const Message& message) {
        if (tag == Tag::value && silent_)
            return;  // nobody wants to know what an initializer returned
        const FrameHeader header{message.size(), sequence, tag, FrameHeader::mark};
        const std::size_t first =
            message.size() <= whole ? sizeof header + message.size() : sizeof header;
        if (!results_.fits(first))
            wait_for_space(first);
        std::memcpy(results_.here(), &header, sizeof header);
        results_.advance(sizeof header);
        if (message.size() <= whole) {
            message.copy(0, results_.here(), message.size());
            results_.advance(message.size());
        } else {
            send_in_pieces(message);
        }
        results_.publish();
        ++sent_, unannounced_ = true;
        announce(false);
    }

    void send_in_pieces(const Message& message) {
        for (std::size_t offset = 0; offset < message.size();) {
            if (!results_.fits(1)) {
                results_.publish();
                announce(true);
                wait_for_space(ring_size / 4);
            }
            const std::size_t part = std::min(message.size() - offset, results_.space());
            message.copy(offset, results_.here(), part);
            results_.advance(part);
            offset += part;
        }
    }

    void wait_for_space(std::size_t size) {
        announce(true);
        wait_until(channel_.page().worker_wants_space, [&] { return results_.fits(size); });
    }

    /// Ring the program's doorbell if it wants to know: it has as many results as it asked for, or
    /// there won't be more (\p idle).
    void announce(bool idle) {
        if (!unannounced_ && !idle)
            return;
        auto& wake_at = channel_.page().wake_at;
        std::atomic_thread_fence(std::memory_order_seq_cst);
        const std::uint64_t target = wake_at.load(std::memory_order_relaxed);
        if (target == 0 || (!idle && sent_ < target))
            return;
        unannounced_ = false;
        if (wake_at.exchange(0) != 0)
            channel_.ring();
    }

    Channel channel_;
    RingReader requests_;
    RingWriter results_;
    Spinner spinner_;
    std::vector<char> finalizer_;
    std::uint32_t sequence_ = 0;
    std::uint64_t sent_ = 0;
    bool unannounced_ = false;
    bool silent_ = false;
    bool gone_ = false;
};

}  // namespace

void run_worker(int socket, int memory) noexcept {
    int status = 0;
    try {
        Worker worker(socket, memory);
        try {
            worker.run();
        } catch (const ProgramGone&) {
            status = 1;
        }
        std::cout.flush();
        std::fflush(nullptr);
        _exit(status);  // before the channel is closed: its end means the worker's end
    } catch (...) {
        _exit(2);
    }
}

}  // namespace course::pool
