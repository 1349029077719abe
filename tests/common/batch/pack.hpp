// Archives for tests, good and bad, written entry by entry.
#pragma once

#include <archive.h>
#include <archive_entry.h>

#include <clocale>
#include <filesystem>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace course::batch::tests {

/// One entry of an archive.
struct Packed {
    /// Its path, as it stands in the archive.
    std::string path;
    /// What is in the file, or what a link leads to.
    std::string text = "";
    /// AE_IFREG, AE_IFLNK, AE_IFIFO, AE_IFDIR.
    unsigned kind = AE_IFREG;
    /// Whether it is a hard link to `text`.
    bool hard_link = false;
};

/// Write \p entries to \p file: a zip by its name, else a tar.gz.
inline void pack(const std::filesystem::path& file, const std::vector<Packed>& entries,
                 const std::string& password = "") {
    std::filesystem::create_directories(file.parent_path());
    // libarchive writes names by the locale; reading must do without.
    const std::string locale = std::setlocale(LC_CTYPE, nullptr);
    std::setlocale(LC_CTYPE, "C.UTF-8");
    const std::unique_ptr<archive, decltype(&archive_write_free)> out(archive_write_new(),
                                                                      archive_write_free);
    const auto must = [&out](int status) {
        if (status != ARCHIVE_OK)
            throw std::runtime_error(archive_error_string(out.get()));
    };
    if (file.extension() == ".zip") {
        must(archive_write_set_format_zip(out.get()));
        if (!password.empty()) {
            must(archive_write_set_options(out.get(), "zip:encryption=zipcrypt"));
            must(archive_write_set_passphrase(out.get(), password.c_str()));
        }
    } else {
        must(archive_write_set_format_pax_restricted(out.get()));
        must(archive_write_add_filter_gzip(out.get()));
    }
    must(archive_write_open_filename(out.get(), file.c_str()));
    for (const auto& one : entries) {
        const std::unique_ptr<archive_entry, decltype(&archive_entry_free)> entry(
            archive_entry_new(), archive_entry_free);
        archive_entry_set_pathname(entry.get(), one.path.c_str());
        archive_entry_set_perm(entry.get(), 0644);
        archive_entry_set_filetype(entry.get(), one.kind);
        if (one.hard_link)
            archive_entry_set_hardlink(entry.get(), one.text.c_str());
        else if (one.kind == AE_IFLNK)
            archive_entry_set_symlink(entry.get(), one.text.c_str());
        else if (one.kind == AE_IFREG)
            archive_entry_set_size(entry.get(), static_cast<la_int64_t>(one.text.size()));
        must(archive_write_header(out.get(), entry.get()));
        if (one.kind == AE_IFREG && !one.hard_link)
            archive_write_data(out.get(), one.text.data(), one.text.size());
    }
    must(archive_write_close(out.get()));
    std::setlocale(LC_CTYPE, locale.c_str());
}

}  // namespace course::batch::tests
