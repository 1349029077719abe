// ProcessPool: making and ending one.
#include <cstdio>

#include <course/process_pool/process_pool.hpp>

namespace course {

ProcessPool::ProcessPool(PoolOptions options, std::unique_ptr<pool::Driver> driver)
    : engine_(std::make_shared<pool::Engine>(std::move(options), pool::ServerProcess::get())),
      driver_(std::move(driver)) {
    engine_->start(driver_ != nullptr);
    if (driver_)
        driver_->start(engine_);
}

ProcessPool::~ProcessPool() {
    if (engine_->is_copy()) {
        // The workers are not ours, and threads that hold its locks don't exist here: leave it.
        [[maybe_unused]] const auto* left = new auto(std::move(engine_));
        [[maybe_unused]] const auto* driver = driver_.release();
        return;
    }
    try {
        shutdown();
    } catch (const std::exception& error) {
        std::fprintf(stderr, "process pool: %s\n", error.what());
    }
}

void ProcessPool::shutdown(bool wait, bool cancel_pending) {
    if (engine_->is_copy())
        throw std::logic_error("a process pool belongs to the process that made it");
    engine_->shutdown(wait, cancel_pending);
    if (wait && driver_)
        driver_->stop();
}

}  // namespace course
