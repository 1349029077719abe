// Journal: the results of a class, in a file that survives whatever ends the grading.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>

struct sqlite3;

namespace course::batch {

/// Results by fingerprint, in an SQLite database. A result is in it whole or not at all, also after `kill -9`; after a power
/// failure the last ones may be missing, and are graded again.
///
/// \thread_safety  none. One process at a time has a journal: for a second one it is an error.
class Journal {
  public:
    /// Open \p file, or make it; without a name the journal is in memory, and ends with this object.
    /// \throws std::runtime_error  if it can't be written, is not a journal, or another grading has it open.
    explicit Journal(const std::filesystem::path& file = {});

    /// The record with \p fingerprint, or nothing.
    std::optional<std::string> find(const std::string& fingerprint) const;
    /// Keep \p record; on return it is safe.
    void keep(const std::string& fingerprint, const std::string& lab, const std::string& record);
    /// How many records there are.
    int size() const;

    /// What was noted as \p key; empty if nothing.
    std::string note(const std::string& key) const;
    /// Note \p value as \p key.
    void set_note(const std::string& key, const std::string& value);

  private:
    class Statement;
    void execute(const std::string& sql);
    [[noreturn]] void fail() const;

    std::string name_;
    std::unique_ptr<sqlite3, int (*)(sqlite3*)> database_;
};

}  // namespace course::batch
