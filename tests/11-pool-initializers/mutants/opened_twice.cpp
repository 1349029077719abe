// Mistake: A monitor that is opened again leaves what it had.
// Loses:   11.3
// Hint:    It was a monitor already. What becomes of all that the first one had?
// Your work in lab 11: what a worker gets when it starts, and gives back when it ends.
#include "monitors.hpp"

#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

#include <cerrno>
#include <course/process_pool/process_pool.hpp>
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
class Database {
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
    explicit Monitor(const Place& place)
        : database(place.folder + "/monitors.db"),
          log(open((place.folder + "/monitors.log").c_str(),
                   O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0644)),
          pid_file(place.folder + "/" + std::to_string(pid) + ".pid") {
        if (log < 0)
            throw std::system_error(errno, std::generic_category(), place.folder + "/monitors.log");
        const std::string unfinished = pid_file + ".new";
        std::ofstream(unfinished) << pid << "\n";
        // There, and complete, in one step.
        if (rename(unfinished.c_str(), pid_file.c_str()) != 0) {
            const int error = errno;
            close(log);
            throw std::system_error(error, std::generic_category(), pid_file);
        }
    }
    ~Monitor() {
        unlink(pid_file.c_str());
        close(log);
    }
    Monitor(const Monitor&) = delete;
    Monitor& operator=(const Monitor&) = delete;

    const pid_t pid = getpid();
    Database database;
    int log;
    std::string pid_file;
    std::mt19937_64 random{std::random_device{}()};  // not before the fork: that seed is for all
};

/// The monitor that this process is. After a fork the child has a copy of it; a plain pointer, so that
/// nobody destroys the copy when the child ends.
Monitor* monitor = nullptr;

/// A forked child has a copy of its parent's monitor, and no right to it: not even to close it.
//! [monitor]
void forget_what_is_not_ours() {
    if (monitor != nullptr && monitor->pid != getpid())
        monitor = nullptr;
}
//! [monitor]

}  // namespace

void open_monitor(const Place& place) {
    forget_what_is_not_ours();
    monitor = new Monitor(place);
}

Reading look(const Site& site) {
    forget_what_is_not_ours();
    if (monitor == nullptr)
        throw std::logic_error("this process is no monitor: open_monitor comes first");
    const auto id = static_cast<std::int64_t>(monitor->random() >> 1);
    //! [look]
    const Reading reading{id, site, monitor->pid};
    monitor->database.insert(reading);
    const std::string line = std::to_string(monitor->pid) + " " + site + "\n";
    const auto size = static_cast<ssize_t>(line.size());
    if (write(monitor->log, line.data(), line.size()) != size)
        throw std::system_error(errno, std::generic_category(), "the log");
    //! [look]
    return reading;
}

void close_monitor() {
    forget_what_is_not_ours();
    delete std::exchange(monitor, nullptr);
}

std::vector<Reading> watch(const Place& place, const std::vector<Site>& sites, unsigned workers,
                           unsigned looks_per_worker) {
    //! [watch]
    course::ProcessPool pool({.max_workers = workers,
                              .initializer = {open_monitor, place},
                              .finalizer = {close_monitor},
                              .max_tasks_per_child = looks_per_worker});
    return pool.map(look, sites).get();
    //! [watch]
}

}  // namespace lab
