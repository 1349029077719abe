// Message: growth, and the blobs that it refers to.
#include <algorithm>

#include <course/process_pool/message.hpp>

namespace course::pool {

void Message::grow(std::size_t more) {
    const std::size_t capacity = std::max(2 * capacity_, kept_ + more);
    auto bytes = std::make_unique_for_overwrite<char[]>(capacity);
    std::memcpy(bytes.get(), bytes_, kept_);
    outside_ = std::move(bytes);
    bytes_ = outside_.get();
    capacity_ = capacity;
}

void Message::release() noexcept {
    kept_ = 0;
    capacity_ = sizeof inside_;
    bytes_ = inside_;
    outside_.reset();
    blobs_.reset();
    owner_.reset();
}

void Message::refer(const void* data, std::size_t size) {
    if (!blobs_)
        blobs_ = std::make_unique<Blobs>();
    blobs_->list.push_back({kept_, static_cast<const char*>(data), size});
    blobs_->size += size;
}

bool Message::refers_to(const void* data) const noexcept {
    return blobs_ && std::any_of(blobs_->list.begin(), blobs_->list.end(),
                                 [&](const Blob& blob) { return blob.data == data; });
}

void Message::copy_with_blobs(std::size_t offset, char* to, std::size_t size) const {
    std::size_t position = 0;  // of the piece in the message
    const auto piece = [&](const char* data, std::size_t length) {
        if (size > 0 && offset < position + length) {
            const std::size_t skip = offset - position;
            const std::size_t part = std::min(size, length - skip);
            std::memcpy(to, data + skip, part);
            to += part, offset += part, size -= part;
        }
        position += length;
    };
    std::size_t kept = 0;
    for (const Blob& blob : blobs_->list) {
        piece(bytes_ + kept, blob.after - kept);
        kept = blob.after;
        piece(blob.data, blob.size);
    }
    piece(bytes_ + kept, kept_ - kept);
}

void Reader::read_more(char*, std::size_t) {
    throw MessageError("a message ends in the middle of a value");
}

}  // namespace course::pool
