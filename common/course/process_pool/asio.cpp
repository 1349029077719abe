// AsioDriver: waits for the engine's descriptor on a strand.
#include <fcntl.h>

#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/strand.hpp>

#include <course/process_pool/asio.hpp>

namespace course {

namespace pool {

/// Shared with the handlers, which may come after the driver is gone.
class AsioDriver::State : public std::enable_shared_from_this<State> {
  public:
    State(const boost::asio::any_io_executor& executor, std::shared_ptr<Engine> engine)
        : strand_(boost::asio::make_strand(executor)),
          engine_(std::move(engine)),
          descriptor_(strand_, checked(fcntl(engine_->descriptor(), F_DUPFD_CLOEXEC, 0), "dup")) {}

    void due() {
        boost::asio::post(strand_, [self = shared_from_this()] { self->drive(); });
    }
    void stop() noexcept {
        const std::lock_guard lock(mutex_);
        boost::system::error_code ignored;
        descriptor_.close(ignored);
        stopped_ = true;
    }

  private:
    void drive() {
        if (!engine_->drive())
            return;
        const std::lock_guard lock(mutex_);
        if (!stopped_)
            descriptor_.async_wait(descriptor_.wait_read,
                                   [self = shared_from_this()](boost::system::error_code error) {
                                       if (!error)
                                           self->drive();
                                   });
    }

    boost::asio::strand<boost::asio::any_io_executor> strand_;
    const std::shared_ptr<Engine> engine_;
    std::mutex mutex_;  // guards what follows; never taken under the engine's
    boost::asio::posix::stream_descriptor descriptor_;
    bool stopped_ = false;
};

AsioDriver::~AsioDriver() = default;

void AsioDriver::start(std::shared_ptr<Engine> engine) {
    state_ = std::make_shared<State>(executor_, engine);
    engine->driven_by([state = std::weak_ptr(state_)] {
        if (const auto alive = state.lock())
            alive->due();
    });
}

void AsioDriver::stop() noexcept {
    if (state_)
        state_->stop();
}

}  // namespace pool

std::unique_ptr<pool::Driver> driven_by(boost::asio::any_io_executor executor) {
    return std::make_unique<pool::AsioDriver>(std::move(executor));
}

}  // namespace course
