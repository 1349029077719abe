// Message: encoded bytes, most of them kept inside, large ones only referred to. Reader: takes them apart.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <vector>

#include <course/process_pool/errors.hpp>

namespace course::pool {

/// From this many bytes on, data is referred to and not copied into a message.
inline constexpr std::size_t large = std::size_t{64} << 10;

/// Bytes to send: a short message needs no allocation, a large blob is sent from where it lies.
class Message {
  public:
    Message() = default;
    Message(const Message&) = delete;
    Message& operator=(const Message&) = delete;

    /// Copy \p size bytes to the end.
    void append(const void* data, std::size_t size) {
        if (size > capacity_ - kept_)
            grow(size);
        if (size != 0)
            std::memcpy(bytes_ + kept_, data, size);
        kept_ += size;
    }
    /// The next \p size bytes are at \p data, which must stay there until the message was sent.
    void refer(const void* data, std::size_t size);
    /// Make room for \p size bytes at the end, to be filled by the caller.
    char* extend(std::size_t size) {
        if (size > capacity_ - kept_)
            grow(size);
        kept_ += size;
        return bytes_ + kept_ - size;
    }
    /// Forget everything, and keep the memory.
    void clear() noexcept {
        kept_ = 0;
        blobs_.reset();
    }
    /// Forget everything and give the memory back.
    void release() noexcept;

    /// Bytes in all.
    std::size_t size() const noexcept { return kept_ + (blobs_ ? blobs_->size : 0); }
    /// Whether something is referred to.
    bool refers() const noexcept { return blobs_ != nullptr; }
    /// Whether the bytes at \p data are.
    bool refers_to(const void* data) const noexcept;
    /// The bytes, if nothing is referred to.
    const char* data() const noexcept { return bytes_; }
    /// Copy the bytes [\p offset, \p offset + \p size) to \p to.
    void copy(std::size_t offset, char* to, std::size_t size) const {
        if (!blobs_)
            std::memcpy(to, bytes_ + offset, size);
        else
            copy_with_blobs(offset, to, size);
    }
    /// Keep \p owner alive as long as the message: what is referred to lies in it.
    void keep(std::shared_ptr<void> owner) { owner_ = std::move(owner); }

  private:
    struct Blob {
        std::size_t after;  // of the kept bytes
        const char* data;
        std::size_t size;
    };
    struct Blobs {
        std::vector<Blob> list;
        std::size_t size = 0;
    };
    void grow(std::size_t more);
    void copy_with_blobs(std::size_t offset, char* to, std::size_t size) const;

    std::size_t kept_ = 0;
    std::size_t capacity_ = sizeof inside_;
    char* bytes_ = inside_;
    std::unique_ptr<char[]> outside_;
    std::unique_ptr<Blobs> blobs_;
    std::shared_ptr<void> owner_;
    char inside_[64];
};

/// Takes a message apart from front to back, and never reads over its end.
class Reader {
  public:
    /// A message of which all \p size bytes are at \p data.
    Reader(const char* data, std::size_t size) : at_(data), here_(size) {}
    virtual ~Reader() = default;
    Reader(const Reader&) = delete;
    Reader& operator=(const Reader&) = delete;

    /// The next \p size bytes to \p to.
    /// \throws MessageError  if the message ends before.
    void read(void* to, std::size_t size) {
        if (size > here_)
            return read_more(static_cast<char*>(to), size);
        if (size != 0)
            std::memcpy(to, at_, size);
        at_ += size;
        here_ -= size;
    }
    /// A number of elements that follow.
    /// \throws MessageError  if so many cannot follow: before anybody makes room for them.
    std::size_t read_count() {
        std::uint64_t count = 0;
        read(&count, sizeof count);
        if (count > remaining() + 4096)  // elements may be empty
            throw MessageError("a message says that more follows than its length allows");
        return static_cast<std::size_t>(count);
    }
    /// Bytes that were not read yet.
    std::size_t remaining() const noexcept { return here_ + elsewhere_; }

  protected:
    /// As `read`, when the bytes are not all here.
    virtual void read_more(char* to, std::size_t size);

    const char* at_;             ///< The next byte.
    std::size_t here_;           ///< How many are there.
    std::size_t elsewhere_ = 0;  ///< How many of the message are still to come.
};

}  // namespace course::pool
