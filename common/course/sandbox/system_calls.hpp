// Which system calls a command in the sandbox cannot make.
#pragma once

namespace course::sandbox {

/// Forbid, for this process and all that it starts, the calls that no lab needs and that lead out of the sandbox or
/// into rarely used corners of the kernel. They fail with EPERM, a socket of a rare family with EAFNOSUPPORT; `clone3`
/// and io_uring with ENOSYS, as on an older kernel.
/// Ends the process if the filter can't be set.
void forbid_system_calls();

}  // namespace course::sandbox
