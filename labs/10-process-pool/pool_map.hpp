// Contract of lab 10: one call for many items, made by a pool of processes.
#pragma once

#include <cstddef>
#include <functional>
#include <stdexcept>
#include <string>
#include <vector>

namespace lab {

/// What a call is about.
using Item = std::string;
/// What comes out of it: any bytes, any number of them.
using Result = std::string;
/// The call. It may throw anything, and may end its process.
using Function = std::function<Result(const Item&)>;

/// What went wrong, and with which item.
class ItemError : public std::runtime_error {
  public:
    /// The call for the item at \p index failed, because of \p why.
    ItemError(std::size_t index, const std::string& why)
        : std::runtime_error("item " + std::to_string(index) + ": " + why), index_(index) {}
    /// Its place among the items, from 0.
    std::size_t index() const { return index_; }

  private:
    std::size_t index_;
};

/// Call \p function once for each of \p items, in forked children.
///
/// 10.1 There are at most \p workers children, and not more than there are chunks.
///
/// 10.2 The items go out in chunks, \p chunksize neighbours each; the last chunk has what is left. A
/// worker that has done a chunk gets the next one that nobody has. It does a chunk in order.
///
/// 10.3 If calls throw, all other calls are made all the same. If a worker dies, no further chunk goes out, and
/// the other workers are killed.
///
/// 10.4 A worker has the descriptors that the caller had before, and a channel to the caller, which
/// may be two descriptors. When the caller's process ends, however it ends, so does a worker that has
/// nothing to do. Afterwards the caller has no child and no descriptor more than before.
///
/// \return  the results, in the order of the items.
/// \throws std::invalid_argument  if \p workers or \p chunksize is 0.
/// \throws ItemError  when no call is running any more. For a worker that died: the item that it had in
///         hand, and "signal 9" or "exit status 3" in `what()`. Otherwise: of all calls that threw, the
///         first item's, with what the exception says in `what()`.
/// \throws std::system_error  if no worker can be started.
/// \source  CPython, `multiprocessing.Pool.map`.
std::vector<Result> pool_map(const Function& function, const std::vector<Item>& items,
                             std::size_t workers, std::size_t chunksize);

}  // namespace lab
