// NotImplemented: what a starter throws where the student's work goes.
#pragma once

#include <string>

namespace course {

/// Thrown by a starter at `TODO(item)`.
///
/// It is not a `std::exception`, so no test that expects a failure is satisfied by it; and a test
/// program notes each construction, so that no test in which one was made can pass, even if student
/// code swallows it.
///
/// \thread_safety  may be constructed in any thread and in a forked child.
class NotImplemented {
  public:
    /// \param item  the rubric item that is missing, such as "02.1".
    explicit NotImplemented(std::string item);

    /// The rubric item that is missing.
    const std::string& item() const noexcept { return item_; }

    /// Called with the item at each construction; a test program sets it before it runs a case.
    using Observer = void (*)(const std::string& item);
    /// Install \p observer, or none with `nullptr`. Not thread safe: call it before threads exist.
    static void observe(Observer observer) noexcept;

  private:
    std::string item_;
};

}  // namespace course
