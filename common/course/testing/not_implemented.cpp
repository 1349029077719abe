// NotImplemented tells its observer at once: in a thread or a child nobody may ever catch it.
#include <course/testing/not_implemented.hpp>

#include <utility>

namespace course {

namespace {
NotImplemented::Observer observer_ = nullptr;
}

NotImplemented::NotImplemented(std::string item) : item_(std::move(item)) {
    if (observer_)
        observer_(item_);
}

void NotImplemented::observe(Observer observer) noexcept {
    observer_ = observer;
}

}  // namespace course
