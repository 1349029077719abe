// The contract of lab 01: what a thread shares with its process, and what a process does not.
#pragma once

#include <sys/types.h>

#include <functional>
#include <vector>

namespace lab {

/// 01.1 The tasks of \p process: what the Linux kernel schedules, one for each thread.
///
/// \param process  a process identifier (pid) on this machine.
/// \return         the task identifiers, in any order; one of them equals \p process.
/// \throws std::system_error  if there is no such process.
/// \source  proc(5), `/proc/PID/task`.
std::vector<pid_t> tasks_of(pid_t process);

/// 01.2 Run \p work in a new thread of this process and wait until the thread is over.
///
/// \param work  does not throw: an exception that leaves a thread ends the process.
/// \return      what \p work returned.
/// \throws std::system_error  if there can be no thread.
int in_thread(const std::function<int()>& work);

/// How a process ended. There are two ways, and exactly one of them is true.
struct Ending {
    /// It exited with this status, 0 to 255; -1 if a signal killed it.
    int exit_status = -1;
    /// This signal killed it, such as SIGSEGV; 0 if it exited.
    int signal = 0;
};

/// 01.3 What the \p status that `waitpid` reported says about an ended process.
///
/// \param status  of a process that has ended, not of one that was stopped.
/// \source  wait(2), `WIFEXITED` and `WIFSIGNALED`.
Ending ending_of(int status);

/// 01.4 Run \p work in a child process and wait until the child is over.
///
/// Whatever happens in \p work happens in the child alone: what it changes in memory, and how it
/// dies. The caller goes on, has no zombie more than before, and nothing that it had written comes
/// out twice. A signal that the caller handles meanwhile does not end the wait.
///
/// \param work  what it returns, 0 to 255, is the child's exit status. If it throws, the child is
///              killed by SIGABRT, like any program whose exception nobody catches.
/// \return      how the child ended.
/// \throws std::system_error  if there can be no child; then \p work is not run.
Ending in_child(const std::function<int()>& work);

}  // namespace lab
