// Your work in lab 11: what a worker gets when it starts, and gives back when it ends.
#include "monitors.hpp"

#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

#include <cerrno>
#include <course/process_pool/process_pool.hpp>
#include <course/testing/not_implemented.hpp>
#include <cstdio>
#include <fstream>
#include <random>
#include <stdexcept>
#include <system_error>
#include <utility>

namespace lab {

namespace {

/// Given: a connection to the database, with a table for readings. Waits up to ten seconds for others who
/// write.
class [[maybe_unused]] Database {
  public:
    explicit Database(const std::string& path) {
        const int error = sqlite3_open(path.c_str(), &connection_);
        sqlite3_busy_timeout(connection_, 10'000);
        if (error != SQLITE_OK || !run("CREATE TABLE IF NOT EXISTS readings("
                                       "id INTEGER PRIMARY KEY, site TEXT, worker INTEGER)")) {
            const std::string why = path + ": " + sqlite3_errmsg(connection_);
            sqlite3_close(connection_);
            throw std::runtime_error(why);
        }
    }
    ~Database() { sqlite3_close(connection_); }
    Database(const Database&) = delete;
    Database& operator=(const Database&) = delete;

    void insert(const Reading& reading) {
        sqlite3_stmt* statement = nullptr;
        sqlite3_prepare_v2(connection_, "INSERT INTO readings VALUES(?, ?, ?)", -1, &statement,
                           nullptr);
        sqlite3_bind_int64(statement, 1, reading.id);
        sqlite3_bind_text(statement, 2, reading.site.c_str(), -1, SQLITE_TRANSIENT);
        sqlite3_bind_int64(statement, 3, reading.worker);
        const int result = sqlite3_step(statement);
        const std::string why = sqlite3_errmsg(connection_);
        sqlite3_finalize(statement);
        if (result != SQLITE_DONE)
            throw std::runtime_error("a reading of " + reading.site + ": " + why);
    }

  private:
    bool run(const char* command) {
        return sqlite3_exec(connection_, command, nullptr, nullptr, nullptr) == SQLITE_OK;
    }
    sqlite3* connection_ = nullptr;
};

/// All that one process has.
struct Monitor {
    // TODO(11.1): a connection, a log, a source of random numbers, a pid file.
};

/// The monitor that this process is. After a fork the child has a copy of it; a plain pointer, so that
/// nobody destroys the copy when the child ends.
[[maybe_unused]] Monitor* monitor = nullptr;

}  // namespace

void open_monitor([[maybe_unused]] const Place& place) {
    // TODO(11.1): get what this process needs, also if its parent has one already.
    throw course::NotImplemented("11.1");
}

Reading look([[maybe_unused]] const Site& site) {
    // TODO(11.2): a random number, a row, a line.
    throw course::NotImplemented("11.2");
}

void close_monitor() {
    // TODO(11.3): give back what is ours.
    throw course::NotImplemented("11.3");
}

std::vector<Reading> watch([[maybe_unused]] const Place& place,
                           [[maybe_unused]] const std::vector<Site>& sites,
                           [[maybe_unused]] unsigned workers,
                           [[maybe_unused]] unsigned looks_per_worker) {
    // TODO(11.4): a course::ProcessPool with an initializer and a finalizer.
    throw course::NotImplemented("11.4");
}

}  // namespace lab
