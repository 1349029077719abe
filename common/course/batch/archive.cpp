// Reads archives with libarchive; what is written, and where, is decided here.
#include <course/batch/archive.hpp>

#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <locale.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <memory>
#include <set>
#include <system_error>

namespace course::batch {

namespace fs = std::filesystem;

namespace {

bool ends_with_any(const fs::path& file, std::initializer_list<const char*> endings) {
    std::string name = file.filename().string();
    std::transform(name.begin(), name.end(), name.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    return std::any_of(endings.begin(), endings.end(), [&name](const std::string ending) {
        return name.size() > ending.size() && name.ends_with(ending);
    });
}

/// libarchive converts names by the locale of the thread: with this one every name can be had.
class Utf8Names {
  public:
    Utf8Names()
        : locale_(newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr)),
          before_(locale_ ? uselocale(locale_) : nullptr) {}
    ~Utf8Names() {
        if (locale_)
            uselocale(before_), freelocale(locale_);
    }
    Utf8Names(const Utf8Names&) = delete;
    Utf8Names& operator=(const Utf8Names&) = delete;

  private:
    locale_t locale_;
    locale_t before_;
};

/// The path of \p entry, if it stays in the folder it is unpacked to.
/// \throws ArchiveError  if it doesn't.
fs::path path_of(archive_entry* entry) {
    const char* name = archive_entry_pathname(entry);
    if (!name)
        name = archive_entry_pathname_utf8(entry);
    if (!name || !*name)
        throw ArchiveError("has a file whose name can't be read");
    const fs::path path = name;
    if (path.is_absolute())
        throw ArchiveError("has an absolute path, " + path.string());
    fs::path clean;
    for (const auto& part : path) {
        if (part == "..")
            throw ArchiveError("has a path that leads out of it, " + path.string());
        if (part != "." && !part.empty())
            clean /= part;
    }
    return clean;
}

/// Why \p entry is refused for what it is; empty for files and folders.
std::string wrong_kind(archive_entry* entry) {
    if (archive_entry_hardlink(entry))
        return "is a hard link";
    switch (archive_entry_filetype(entry)) {
        case AE_IFREG:
        case AE_IFDIR:
            return "";
        case AE_IFLNK:
            return "is a symbolic link";
        case AE_IFIFO:
            return "is a FIFO";
        default:
            return "is neither a file nor a folder";
    }
}

/// A file that is new, or thrown away as it grows over its limit.
class NewFile {
  public:
    NewFile(const fs::path& file, std::uintmax_t limit) : file_(file), left_(limit) {
        fs::create_directories(file.parent_path());
        descriptor_ =
            open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
        if (descriptor_ < 0)
            throw std::system_error(errno, std::generic_category(), file.string());
    }
    ~NewFile() { close(descriptor_); }
    NewFile(const NewFile&) = delete;
    NewFile& operator=(const NewFile&) = delete;

    /// \return  whether it is still below its limit; otherwise it is gone.
    bool write(const char* bytes, std::size_t size) {
        if (size > left_) {
            std::error_code ignored;
            fs::remove(file_, ignored);
            return false;
        }
        left_ -= size;
        while (size > 0) {
            const ssize_t written = ::write(descriptor_, bytes, size);
            if (written < 0 && errno != EINTR)
                throw std::system_error(errno, std::generic_category(), file_.string());
            if (written > 0)
                bytes += written, size -= static_cast<std::size_t>(written);
        }
        return true;
    }

  private:
    fs::path file_;
    std::uintmax_t left_;
    int descriptor_ = -1;
};

std::string mebibytes(std::uintmax_t bytes) {
    return std::to_string(bytes >> 20) + " MiB";
}

/// One archive while it is read from front to back.
class Reading {
  public:
    Reading(const fs::path& archive, const ArchiveLimits& limits)
        : archive_(archive_read_new(), archive_read_free), limits_(limits) {
        archive_read_support_format_zip(archive_.get());
        archive_read_support_format_tar(archive_.get());
        archive_read_support_filter_gzip(archive_.get());
        archive_read_support_filter_bzip2(archive_.get());
        archive_read_support_filter_xz(archive_.get());
        archive_read_support_filter_zstd(archive_.get());
        if (archive_read_open_filename(archive_.get(), archive.c_str(), 65536) != ARCHIVE_OK)
            broken();
    }

    /// The next entry, or nullptr at the end.
    archive_entry* next() {
        archive_entry* entry = nullptr;
        const int status = archive_read_next_header(archive_.get(), &entry);
        if (status == ARCHIVE_EOF)
            return nullptr;
        if (entry && archive_entry_is_encrypted(entry))
            throw ArchiveError("is encrypted: pack it without a password");
        if (status < ARCHIVE_WARN)
            broken();
        if (++entries_ > limits_.entries)
            throw ArchiveError("has more than " + std::to_string(limits_.entries) + " files");
        return entry;
    }

    /// Read the bytes of the entry, and give them to \p file, if there is one.
    /// \return  whether they fit into it.
    bool read(NewFile* file) {
        std::array<char, 65536> buffer;
        bool fits = true;
        for (;;) {
            const la_ssize_t got = archive_read_data(archive_.get(), buffer.data(), buffer.size());
            if (got == 0)
                return fits;
            if (got < 0)
                broken();
            total_ += static_cast<std::uintmax_t>(got);
            if (total_ > limits_.total)
                throw ArchiveError("holds more than " + mebibytes(limits_.total) + " unpacked");
            fits = fits && (!file || file->write(buffer.data(), static_cast<std::size_t>(got)));
        }
    }

  private:
    [[noreturn]] void broken() {
        const char* why = archive_error_string(archive_.get());
        throw ArchiveError(std::string("can't be read: ") + (why ? why : "it is broken"));
    }

    std::unique_ptr<archive, decltype(&archive_read_free)> archive_;
    const ArchiveLimits& limits_;
    std::size_t entries_ = 0;
    std::uintmax_t total_ = 0;
};

}  // namespace

bool is_archive(const fs::path& file) {
    return ends_with_any(file, {".zip", ".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tbz2", ".tar.xz",
                                ".txz", ".tar.zst"});
}

bool is_foreign_archive(const fs::path& file) {
    return ends_with_any(file,
                         {".rar", ".7z", ".gz", ".bz2", ".xz", ".zst", ".lzma", ".dmg", ".iso"}) &&
           !is_archive(file);
}

std::vector<Refused> unpack(const fs::path& archive, const fs::path& folder,
                            const ArchiveLimits& limits,
                            const std::function<bool(const fs::path&)>& wanted) {
    const Utf8Names names;
    Reading reading(archive, limits);
    std::vector<Refused> refused;
    std::set<fs::path> written;
    while (archive_entry* entry = reading.next()) {
        const fs::path path = path_of(entry);
        if (const std::string why = wrong_kind(entry); !why.empty()) {
            refused.push_back({path, why});
            continue;
        }
        if (path.empty())
            continue;
        const bool is_folder = archive_entry_filetype(entry) == AE_IFDIR;
        std::unique_ptr<NewFile> file;
        try {
            fs::create_directories(is_folder ? folder / path : (folder / path).parent_path());
            if (!is_folder && wanted(path)) {
                if (!written.insert(path).second)
                    throw ArchiveError("has two files of one name, " + path.string());
                file = std::make_unique<NewFile>(folder / path, limits.file);
            }
        } catch (const std::system_error& error) {
            // A name that is a file here and a folder there, or that is too long.
            const int code = error.code().value();
            if (code != ENOTDIR && code != EEXIST && code != EISDIR && code != ENAMETOOLONG)
                throw;
            refused.push_back({path, "has a name that can't be used"});
            continue;
        }
        if (!reading.read(file.get()))
            refused.push_back({path, "is larger than " + mebibytes(limits.file)});
    }
    return refused;
}

}  // namespace course::batch
