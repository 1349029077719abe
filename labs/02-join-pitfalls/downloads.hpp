// Contract of lab 02: many downloads at once, and a thread that nobody can forget to join.
#pragma once

#include <functional>
#include <string>
#include <thread>
#include <vector>

namespace lab {

/// Addresses of pages; the same one may come twice, and is then downloaded twice.
using Addresses = std::vector<std::string>;
/// Pages, in the order of their addresses.
using Pages = std::vector<std::string>;
/// Gets one page, and takes as long as the other side does. May throw anything.
/// \thread_safety  any number of threads may call it.
using Download = std::function<std::string(const std::string& address)>;

/// Get the pages one after the other. Given.
Pages download_one_by_one(const Addresses& addresses, const Download& download);

/// Get all pages at the same time, each in a thread of its own.
///
/// 02.1 All downloads overlap, however many there are: it takes as long as the longest one.
///
/// 02.2 The pages are complete and in the order of \p addresses, whoever is done first.
///
/// 02.3 If a download throws, its exception comes out here, when all threads are over. Of several
/// exceptions it is that of the first address; no download is left out because another failed.
///
/// 02.4 The same holds if a thread can't be started: nothing is thrown before those that run are
/// over, and no page is empty without an exception.
///
/// \return  one page for each address, in their order.
/// \throws  what \p download threw: the same exception, of whatever type.
/// \throws std::system_error  if a thread can't be started.
Pages download_all(const Addresses& addresses, const Download& download);

/// 02.4 A thread that is joined by whoever ends its life: the end of a scope, an exception, a new value.
///
/// \thread_safety  none for one object, as for std::thread.
class JoiningThread {
  public:
    /// Start a thread that runs \p work, which does not throw.
    explicit JoiningThread(std::function<void()> work);
    /// Wait for the thread, if there is one to wait for.
    ~JoiningThread();
    /// Take the thread of \p other, which then has none.
    JoiningThread(JoiningThread&& other) noexcept;
    /// Wait for the thread that was here, then take that of \p other.
    JoiningThread& operator=(JoiningThread&& other) noexcept;

  private:
    std::thread thread_;
};

}  // namespace lab
