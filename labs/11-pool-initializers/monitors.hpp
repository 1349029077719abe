// Contract of lab 11: a pool of monitors, each of which has a database connection, a log and a pid file of its own.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <vector>

namespace lab {

/// Where monitors leave what they do: `monitors.db`, `monitors.log`, and for each living one a file `PID.pid`.
struct Place {
    /// A folder that exists.
    std::string folder;

    /// How it travels to a worker.
    template <class Archive>
    void serialize(Archive& archive) {
        archive(folder);
    }
};

/// The address of something that is watched.
using Site = std::string;

/// That a monitor has looked at a site.
struct Reading {
    /// A random number that names it. No two readings in the database have the same.
    std::int64_t id = 0;
    /// What was looked at.
    Site site;
    /// The process that did.
    pid_t worker = 0;

    /// How it travels home.
    template <class Archive>
    void serialize(Archive& archive) {
        archive(id, site, worker);
    }
};

/// 11.1 Make the calling process a monitor: it gets a database connection, a log, a source of random
/// numbers and a pid file, whatever the process that it was forked from had. A monitor that is one already is closed first.
///
/// The pid file is complete when it is there: a line with the process's number. The log is opened for appending.
/// \throws std::runtime_error  if that can't be done, with the path in `what()`; then no pid file is left.
void open_monitor(const Place& place);

/// 11.2 Look at \p site: a row in the database and a line in the log, `PID SITE`.
///
/// A line goes out in one `write`, so the lines of several monitors do not mix. It is there when the
/// call returns.
/// \return  the reading, as it is in the database.
/// \throws std::logic_error    if this process is no monitor; one that it was forked from does not count.
/// \throws std::runtime_error  if the reading can't be written down.
Reading look(const Site& site);

/// 11.3 Give back all that `open_monitor` has got, the pid file too. Does nothing in a process that is no
/// monitor, such as the child of one. However such a child ends, its parent keeps what is its own.
void close_monitor();

/// 11.4 Have all \p sites looked at by a pool of \p workers monitors.
///
/// Each is opened before its first look and closed after its last one, and replaced after
/// \p looks_per_worker looks. The caller itself becomes no monitor.
/// \return  the readings, in the order of the sites.
/// \throws course::BrokenPool  if a monitor can't be opened, with its reason in `what()`.
/// \source  CPython, `ProcessPoolExecutor(initializer, max_tasks_per_child)`.
std::vector<Reading> watch(const Place& place, const std::vector<Site>& sites, unsigned workers,
                           unsigned looks_per_worker);

}  // namespace lab
