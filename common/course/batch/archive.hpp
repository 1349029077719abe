// Archives: what students and platforms pack, unpacked without trust.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <stdexcept>
#include <string>
#include <vector>

namespace course::batch {

/// How much an archive may hold. What is over a limit is not written to the disk.
struct ArchiveLimits {
    /// Bytes of one file.
    std::uintmax_t file = std::uintmax_t{1} << 20;
    /// Bytes of all files together, unpacked, also of those that nobody wants.
    std::uintmax_t total = std::uintmax_t{64} << 20;
    /// Files, folders and whatever else there is in it.
    std::size_t entries = 10'000;
};

/// The limits of what a platform has packed for a whole class.
inline constexpr ArchiveLimits class_limits{std::uintmax_t{64} << 20, std::uintmax_t{64} << 30,
                                            10'000'000};

/// Something in an archive that is left out, such as a link.
struct Refused {
    /// Its path in the archive.
    std::filesystem::path path;
    /// Why, as the end of a sentence that begins with the path.
    std::string why;
};

/// An archive that can't be used as a whole: broken, encrypted, too large, or with a path that leads out of it.
class ArchiveError : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

/// Whether \p file has a name of an archive that `unpack` reads: `.zip`, `.tar`, and `.tar` compressed by gzip,
/// bzip2, xz or zstd.
bool is_archive(const std::filesystem::path& file);

/// Whether \p file has a name of an archive that `unpack` doesn't read, such as `.rar`.
bool is_foreign_archive(const std::filesystem::path& file);

/// Write the regular files of \p archive that are \p wanted, by their path in it, below \p folder, and
/// make the folders that are in it. No file is written over, no link followed or made, nothing written outside; permissions and owners are not taken over.
/// \return  what is left out although it is no regular file or folder, or is too large.
/// \throws ArchiveError  with a reason for its author; what was unpacked so far is still there.
/// \throws std::system_error  if \p folder can't be written to.
std::vector<Refused> unpack(const std::filesystem::path& archive,
                            const std::filesystem::path& folder, const ArchiveLimits& limits,
                            const std::function<bool(const std::filesystem::path&)>& wanted);

}  // namespace course::batch
