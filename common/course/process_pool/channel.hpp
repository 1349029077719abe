// Channel: the shared memory and the socket between the program and one worker.
//
//     program                        one segment (memfd)                     worker
//        |   Requests:  [ frame | frame | frame ......... ]  ring  ------->    |
//        |   Claims:    which task was offered, begun, taken back              |
//        |   Results:   [ frame | frame ................. ]  ring  <-------    |
//        |                                                                     |
//        +--- socket: a byte is a doorbell, sent only to one who sleeps -------+
//
// A ring is mapped twice in a row, so that a frame never has a seam. As long as both sides are busy no system
// call is made: a side that finds nothing to do first looks again for some microseconds, then says in the
// segment that it sleeps, looks once more, and blocks on the socket.
//
// A task that lies in the ring still belongs to the program until the worker has claimed it: one word for each,
// changed by compare-and-swap. So a worker can be given many tasks ahead, and each can still be cancelled or
// given to another worker; and when a worker dies, it is known what it had begun.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include <course/process_pool/message.hpp>
#include <course/process_pool/system.hpp>

namespace course::pool {

/// Bytes of a ring.
inline constexpr std::size_t ring_size = std::size_t{128} << 10;
/// Payloads up to this size are published as a whole; larger ones pass through the ring in pieces.
inline constexpr std::size_t whole = ring_size / 4;
/// How many tasks a worker may hold, begun and ahead.
inline constexpr std::uint32_t window = 64;

/// What a frame is.
enum class Tag : std::uint16_t {
    // to the worker
    initializer = 1,  ///< a call, before any task
    finalizer,        ///< a call to be made at the end
    task,             ///< a call
    retire,           ///< end after what came before
    // to the program
    ready = 16,    ///< the initializer returned
    start_failed,  ///< the initializer threw: its exception
    value,         ///< what a call returned
    error,         ///< what a call threw
};

/// What comes before each payload.
struct FrameHeader {
    /// Bytes of the payload.
    std::uint64_t length;
    /// Number of the task on this channel.
    std::uint32_t sequence;
    /// What it is.
    Tag tag;
    /// Always `mark`.
    std::uint16_t check;
    /// Tells a header from other bytes.
    static constexpr std::uint16_t mark = 0x3C17;
};

/// Counters of one ring: bytes written and bytes read since the beginning.
struct RingCounters {
    alignas(64) std::atomic<std::uint64_t> written;  ///< stored by the writer alone
    alignas(64) std::atomic<std::uint64_t> read;     ///< stored by the reader alone
};

/// State of a task in the window, in the two low bits of its claim word; its number is above them.
enum Claim : std::uint64_t { offered = 1, claimed = 2, revoked = 3 };

/// The first page of the segment. All zero is its beginning.
struct SharedPage {
    RingCounters requests;  ///< to the worker
    RingCounters results;   ///< to the program
    /// The worker wants a doorbell when requests come.
    alignas(64) std::atomic<std::uint32_t> worker_sleeps;
    /// The worker wants a doorbell when the program has read results: its ring is full.
    std::atomic<std::uint32_t> worker_wants_space;
    /// The program wants a doorbell when so many results were sent since the beginning; 0: it doesn't.
    alignas(64) std::atomic<std::uint64_t> wake_at;
    /// The program wants a doorbell when the worker has read something.
    std::atomic<std::uint32_t> program_wants_space;
    /// Which item of a chunk is being run.
    alignas(64) std::atomic<std::uint64_t> item;
    /// One word for each task in the window.
    alignas(64) std::atomic<std::uint64_t> claims[window];
};

/// Writes into a ring. One thread at a time.
class RingWriter {
  public:
    RingWriter(RingCounters& counters, char* data) : counters_(&counters), data_(data) {}
    /// Bytes that fit now.
    std::size_t space() {
        read_ = counters_->read.load(std::memory_order_acquire);
        return ring_size - (written_ - read_);
    }
    /// Whether \p size bytes fit; looks at the other side only if it must.
    bool fits(std::size_t size) {
        return size <= ring_size - (written_ - read_) || size <= space();
    }
    /// Where the next bytes go.
    char* here() { return data_ + written_ % ring_size; }
    /// \p size bytes were put there. They are not visible before `publish`.
    void advance(std::size_t size) { written_ += size; }
    /// Show the other side what was written.
    void publish() { counters_->written.store(written_, std::memory_order_release); }

  private:
    RingCounters* counters_;
    char* data_;
    std::uint64_t written_ = 0;
    std::uint64_t read_ = 0;
};

/// Reads from a ring. One thread at a time.
class RingReader {
  public:
    RingReader(RingCounters& counters, const char* data) : counters_(&counters), data_(data) {}
    /// Bytes that can be read.
    /// \throws MessageError  if the other side's counter can't be true.
    std::size_t available() {
        const std::uint64_t bytes = counters_->written.load(std::memory_order_acquire) - read_;
        if (bytes > ring_size)
            throw MessageError("a ring's counter makes no sense");
        return static_cast<std::size_t>(bytes);
    }
    /// Whether there is anything.
    bool empty() const { return counters_->written.load(std::memory_order_acquire) == read_; }
    /// The next bytes.
    const char* here() const { return data_ + read_ % ring_size; }
    /// \p size bytes were read. Their space is not free before `release`.
    void advance(std::size_t size) { read_ += size; }
    /// Let the other side write there again.
    void release() { counters_->read.store(read_, std::memory_order_release); }

  private:
    RingCounters* counters_;
    const char* data_;
    std::uint64_t read_ = 0;
};

/// A mapped segment and the socket beside it. Both ends have one.
class Channel {
  public:
    /// Make a new one.
    /// \throws std::system_error  if memory or descriptors are short.
    Channel();
    /// The worker's end, from the descriptors that `Channel()` made; \p memory is closed.
    Channel(int socket, int memory);
    ~Channel();
    Channel(const Channel&) = delete;
    Channel& operator=(const Channel&) = delete;

    /// The counters and words.
    SharedPage& page() const { return *static_cast<SharedPage*>(mapping_); }
    /// The ring to the worker.
    char* requests() const;
    /// The ring to the program.
    char* results() const;
    /// This side's end of the socket.
    int socket() const { return socket_.get(); }
    /// What the worker gets; to be closed once it was sent.
    Descriptor peer_socket;
    Descriptor memory;

    /// Wake the other side. A doorbell that is full or has nobody behind it is none.
    void ring() const noexcept;
    /// Block until the doorbell rings.
    /// \return  false if the other side is gone.
    bool wait() const noexcept;
    /// Forget doorbells that rang.
    /// \return  false if the other side is gone.
    bool drain() const noexcept;
    /// Ring if \p flag is up, and take it down. The caller has done before what the other side waits for.
    void ring_if(std::atomic<std::uint32_t>& flag) const noexcept {
        std::atomic_thread_fence(std::memory_order_seq_cst);
        if (flag.load(std::memory_order_relaxed) != 0 && flag.exchange(0) != 0)
            ring();
    }

  private:
    void map(int memory);
    Descriptor socket_;
    void* mapping_ = nullptr;
};

}  // namespace course::pool
