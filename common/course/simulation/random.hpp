// A small random number generator (SplitMix64): a seed gives the same numbers on every machine.
#pragma once

#include <cstdint>

namespace course::simulation {

class Random {
  public:
    explicit Random(std::uint64_t seed = 0) : state_(seed * 0x9e3779b97f4a7c15u + 0x1234567) {}

    /// Any 64 bits.
    std::uint64_t next() {
        std::uint64_t z = (state_ += 0x9e3779b97f4a7c15u);
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
        z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
        return z ^ (z >> 31);
    }

    /// A number below \p limit, which must not be zero.
    std::uint64_t below(std::uint64_t limit) {
        return static_cast<std::uint64_t>((static_cast<Wide>(next()) * limit) >> 64);
    }

    /// True with the given probability.
    bool chance(double probability) {
        return probability > 0 && static_cast<double>(next() >> 11) * 0x1.0p-53 < probability;
    }

  private:
    __extension__ using Wide = unsigned __int128;

    std::uint64_t state_;
};

}  // namespace course::simulation
