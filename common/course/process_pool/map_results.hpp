// MapResults: what ProcessPool::map gives, in the order of the items.
#pragma once

#include <iterator>
#include <variant>

#include <course/process_pool/future.hpp>

namespace course {

/// The results of a `map`, in the order of the items, one pass.
///
///     for (auto& price : pool.map(look_up, dishes)) ...
///
/// `*iterator` waits for its chunk. It throws what the call for this item threw; the loop may go on with the next
/// item after that. If a worker died, each item of the chunk that it ran throws `WorkerDied`, which names
/// the one item that was being run.
///
/// \thread_safety  one thread at a time.
/// \source         PEP 3148, `Executor.map`.
template <class R>
class MapResults {
  public:
    /// What an item yields: `std::monostate` if the function returns nothing.
    using Value = std::conditional_t<std::is_void_v<R>, std::monostate, R>;

    /// For the pool.
    MapResults(std::vector<pool::TaskPtr> chunks, std::size_t size, std::size_t chunksize)
        : chunks_(std::move(chunks)), size_(size), chunksize_(chunksize) {}

    /// Number of items.
    std::size_t size() const noexcept { return size_; }

    /// One pass over the results.
    class Iterator {
      public:
        /// \cond
        using value_type = Value;
        using difference_type = std::ptrdiff_t;
        using iterator_concept = std::input_iterator_tag;
        Iterator() = default;
        explicit Iterator(MapResults* results) : results_(results) {}
        Value& operator*() const { return results_->current(); }
        Iterator& operator++() {
            results_->advance();
            return *this;
        }
        void operator++(int) { ++*this; }
        bool operator==(std::default_sentinel_t) const {
            return results_->index_ == results_->size_;
        }
        /// \endcond

      private:
        MapResults* results_ = nullptr;
    };
    /// The next one.
    Iterator begin() { return Iterator(this); }
    /// After the last one.
    std::default_sentinel_t end() const { return {}; }

    /// Wait for all, and take the values that were not iterated over yet.
    /// \throws  the first exception of a call, once all chunks before it are done.
    std::vector<Value> get() {
        std::vector<Value> values;
        values.reserve(size_ - index_);
        for (auto& value : *this)
            values.push_back(std::move(value));
        return values;
    }
    /// Cancel the chunks that no worker has begun; their items throw `CancelledError`.
    /// \return  how many chunks.
    std::size_t cancel() {
        std::size_t cancelled = 0;
        for (auto& chunk : chunks_)
            if (chunk && !chunk->done() && chunk->engine->cancel(*chunk))
                ++cancelled;
        return cancelled;
    }

  private:
    Value& current() {
        if (!read_)
            read();
        if (error_)
            std::rethrow_exception(error_);
        return *value_;
    }
    void advance() {
        if (!read_)
            read();
        read_ = false;
        value_.reset();
        error_ = nullptr;
        if (++index_ % chunksize_ == 0 || index_ == size_) {
            reader_.reset();
            chunks_[(index_ - 1) / chunksize_].reset();
        }
    }
    /// The next item of the message of its chunk.
    void read() {
        read_ = true;
        pool::Task& chunk = *chunks_[index_ / chunksize_];
        if (!reader_) {
            pool::wait_for_one(chunk);
            const auto [data, size] = chunk.result();
            reader_.emplace(data, size);
        }
        error_ = pool::exception_of(chunk);
        if (error_)
            return;
        try {
            if (pool::decode<bool>(*reader_)) {
                if constexpr (std::is_void_v<R>)
                    value_.emplace();
                else
                    value_.emplace(pool::decode<R>(*reader_));
            } else {
                error_ = pool::decode_exception(*reader_);
            }
        } catch (const MessageError&) {
            error_ = std::current_exception();
        }
    }

    std::vector<pool::TaskPtr> chunks_;
    std::size_t size_;
    std::size_t chunksize_;
    std::size_t index_ = 0;  // of the next item
    bool read_ = false;      // whether value_ or error_ is that item's
    std::optional<pool::Reader> reader_;
    std::optional<Value> value_;
    std::exception_ptr error_;
};

}  // namespace course
