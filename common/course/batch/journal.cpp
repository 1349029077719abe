// Keeps results in SQLite.
//
//     results  fingerprint (key), lab, graded (ISO 8601, UTC), record (JSON)
//     notes    key, value
#include <course/batch/journal.hpp>

#include <sqlite3.h>

#include <chrono>
#include <ctime>
#include <stdexcept>

#include <course/batch/late_policy.hpp>

namespace course::batch {

namespace {
/// "kitc", and the version of the tables.
constexpr const char* application = "1802073187";
constexpr const char* version = "1";
}  // namespace

/// One prepared statement.
class Journal::Statement {
  public:
    Statement(const Journal& journal, const char* sql) : journal_(journal) {
        if (sqlite3_prepare_v2(journal.database_.get(), sql, -1, &statement_, nullptr) != SQLITE_OK)
            journal.fail();
    }
    ~Statement() { sqlite3_finalize(statement_); }
    Statement(const Statement&) = delete;
    Statement& operator=(const Statement&) = delete;

    Statement& bind(int at, const std::string& text) {
        sqlite3_bind_text(statement_, at, text.data(), static_cast<int>(text.size()),
                          SQLITE_TRANSIENT);
        return *this;
    }
    /// \return  the first column of the next row, or nothing if there is none.
    std::optional<std::string> step() {
        const int status = sqlite3_step(statement_);
        if (status == SQLITE_DONE)
            return std::nullopt;
        if (status != SQLITE_ROW)
            journal_.fail();
        const auto* bytes = static_cast<const char*>(sqlite3_column_blob(statement_, 0));
        const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement_, 0));
        return bytes ? std::string(bytes, size) : std::string();
    }

  private:
    const Journal& journal_;
    sqlite3_stmt* statement_ = nullptr;
};

Journal::Journal(const std::filesystem::path& file)
    : name_(file.string()), database_(nullptr, sqlite3_close_v2) {
    sqlite3* opened = nullptr;
    const int status = sqlite3_open_v2(name_.empty() ? ":memory:" : name_.c_str(), &opened,
                                       SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, nullptr);
    database_.reset(opened);
    if (status != SQLITE_OK)
        fail();
    // Exclusive: the lock is the process's and ends with it, however it ends.
    execute("PRAGMA locking_mode = EXCLUSIVE");
    execute("PRAGMA journal_mode = WAL");
    execute("PRAGMA synchronous = NORMAL");
    execute("BEGIN EXCLUSIVE");
    const std::string found = Statement(*this, "PRAGMA application_id").step().value_or("0");
    const std::string tables =
        Statement(*this, "SELECT count(*) FROM sqlite_master").step().value_or("0");
    const std::string written = Statement(*this, "PRAGMA user_version").step().value_or("0");
    if (tables != "0" && (found != application || written != version))
        throw std::runtime_error(name_ +
                                 (found == application
                                      ? " is a journal of another version of the course"
                                      : " is a database, but no journal of the course") +
                                 ": write the report into another folder");
    execute(
        "CREATE TABLE IF NOT EXISTS results (fingerprint TEXT PRIMARY KEY, lab TEXT NOT NULL, "
        "graded TEXT NOT NULL, record TEXT NOT NULL) WITHOUT ROWID");
    execute(
        "CREATE TABLE IF NOT EXISTS notes (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT "
        "ROWID");
    execute(std::string("PRAGMA application_id = ") + application);
    execute(std::string("PRAGMA user_version = ") + version);
    execute("COMMIT");
}

std::optional<std::string> Journal::find(const std::string& fingerprint) const {
    return Statement(*this, "SELECT record FROM results WHERE fingerprint = ?")
        .bind(1, fingerprint)
        .step();
}

void Journal::keep(const std::string& fingerprint, const std::string& lab,
                   const std::string& record) {
    const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
    Statement(*this, "INSERT OR REPLACE INTO results VALUES (?, ?, ?, ?)")
        .bind(1, fingerprint)
        .bind(2, lab)
        .bind(3, iso(now))
        .bind(4, record)
        .step();
}

int Journal::size() const {
    return std::stoi(Statement(*this, "SELECT count(*) FROM results").step().value_or("0"));
}

std::string Journal::note(const std::string& key) const {
    return Statement(*this, "SELECT value FROM notes WHERE key = ?")
        .bind(1, key)
        .step()
        .value_or("");
}

void Journal::set_note(const std::string& key, const std::string& value) {
    Statement(*this, "INSERT OR REPLACE INTO notes VALUES (?, ?)")
        .bind(1, key)
        .bind(2, value)
        .step();
}

void Journal::execute(const std::string& sql) {
    if (sqlite3_exec(database_.get(), sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK)
        fail();
}

void Journal::fail() const {
    const int code = sqlite3_errcode(database_.get()) & 0xff;
    if (code == SQLITE_BUSY || code == SQLITE_LOCKED)
        throw std::runtime_error("another grading is writing into " + name_ +
                                 ": wait until it has ended, or choose another folder");
    if (code == SQLITE_NOTADB)
        throw std::runtime_error(name_ + " is not a journal: write the report into another folder");
    throw std::runtime_error("cannot keep results in " + (name_.empty() ? "memory" : name_) + ": " +
                             sqlite3_errmsg(database_.get()));
}

}  // namespace course::batch
