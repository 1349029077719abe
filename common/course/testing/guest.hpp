// Guest: a parameter of coroutines, by which a test knows whose frames there are.
#pragma once

#include <map>
#include <string>

namespace course::testing {

/// A parameter of a coroutine. The frame has a copy of it, from the call until it is destroyed.
///
/// \thread_safety  one thread at a time.
class Guest {
  public:
    /// \p name must live as long as all copies.
    Guest(const char* name) : name_(name) { ++copies()[name_]; }
    /// One more with the name of \p other.
    Guest(const Guest& other) : name_(other.name_) { ++copies()[name_]; }
    Guest& operator=(const Guest&) = delete;
    ~Guest() { --copies()[name_]; }
    /// What it is called.
    std::string name() const { return name_; }

    /// Whose frames there are, such as "fish soup ", and who went more than once; "nobody" if there are none.
    static std::string in_frames() {
        std::string names;
        for (const auto& [name, count] : copies())
            if (count != 0)
                names += count > 0 ? name + " " : name + " (destroyed again) ";
        return names.empty() ? "nobody" : names;
    }

  private:
    static std::map<std::string, int>& copies() {
        static std::map<std::string, int> copies;
        return copies;
    }
    const char* name_;
};

}  // namespace course::testing
