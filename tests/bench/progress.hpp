// How far a long measurement is, and how long it may still take: a bar on a terminal, a line now and then elsewhere.
#pragma once

#include <chrono>
#include <string>

namespace bench {

/// Says on standard error what is done. It counts steps whose weight may differ.
class Progress {
  public:
    /// \param total  the weight of all steps.
    explicit Progress(double total);
    /// Takes the bar off the terminal.
    ~Progress();
    Progress(const Progress&) = delete;
    Progress& operator=(const Progress&) = delete;

    /// A step of \p weight was done; \p what comes now.
    void done(double weight, const std::string& what);

  private:
    using Clock = std::chrono::steady_clock;

    const double total_;
    const bool terminal_;
    const Clock::time_point start_ = Clock::now();
    double done_ = 0;
    int tenths_said_ = 0;
};

/// A time such as "50 s" or "3 min", for people.
std::string rough(std::chrono::duration<double> time);

}  // namespace bench
