// What a forked child shares with its parent, and how to share no more than you mean to.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdio>
#include <functional>
#include <string>

namespace lab {

/// 08.1 Fork a child that reads from \p descriptor, and say where the parent then stands.
///
/// The parent itself neither reads nor seeks. It waits for the child. The child runs none of the
/// parent's exit handlers.
///
/// \param descriptor  open for reading, on a regular file with at least \p bytes bytes left.
/// \param bytes       how many bytes the child reads; any number, not only a few.
/// \return  the offset of \p descriptor in the parent after the child has ended, in bytes.
/// \throws std::system_error  if a system call of the parent fails.
/// \source  fork(2), lseek(2).
off_t offset_after_child_reads(int descriptor, std::size_t bytes);

/// 08.2 Open the file behind \p descriptor again, with an offset of its own.
///
/// Works for a file that was renamed or removed after it had been opened. The offset of
/// \p descriptor stays where it is.
///
/// \param descriptor  open on a regular file.
/// \return  a new descriptor: offset 0, closed by `exec`, access mode (reading, writing or both) as
///          that of \p descriptor. The caller closes it.
/// \throws std::system_error  if \p descriptor is not open, or its file may not be opened.
/// \source  open(2), proc(5).
int open_again(int descriptor);

/// 08.3 Fork children that each write one line to \p log: "child 0", "child 1" and so on.
///
/// \p log may hold text that the parent has written and not flushed. Once \p log is closed, that
/// text and each child's line stand in the file exactly once, in any order. No child flushes
/// another stream of the parent or runs the parent's exit handlers. All have been waited for on
/// return.
///
/// \param log       a stream open for writing on a regular file.
/// \param children  how many, at least 0.
/// \throws std::system_error  if a system call of the parent fails.
/// \source  fork(2), setbuf(3), _exit(2).
void log_from_children(std::FILE* log, int children);

/// 08.4 Open \p path for reading so that no program ever inherits the descriptor.
///
/// \return  the descriptor; the caller closes it.
/// \throws std::system_error  if \p path can't be opened.
/// \thread_safety  other threads may start programs with `fork` and `exec` at any moment.
/// \source  open(2), O_CLOEXEC.
int open_private(const std::string& path);

/// 08.5 Run \p writer in a forked child and return all that it writes.
///
/// The child runs none of the parent's exit handlers. It has been waited for on return, and the
/// parent has closed what it opened, once.
///
/// \param writer  gets the write end of a pipe, the only end that is open in the child. Leaves it
///                open, does not throw.
/// \return  every byte that was written, be it none or more than a pipe can hold.
/// \throws std::system_error  if a system call of the parent fails.
/// \source  pipe(7).
std::string collect(const std::function<void(int)>& writer);

}  // namespace lab
