// How a dead worker is described, and how an exception crosses between processes.
#include <cxxabi.h>
#include <fmt/format.h>
#include <sys/wait.h>

#include <cstdlib>
#include <cstring>
#include <map>
#include <mutex>
#include <new>
#include <system_error>

#include <course/process_pool/serialize.hpp>

namespace course {

namespace {

std::string describe_death(const std::string& item, pid_t pid, int status,
                           const std::string& reason) {
    std::string how = fmt::format("exited with status {}", WEXITSTATUS(status));
    if (WIFSIGNALED(status)) {
        const char* name = sigabbrev_np(WTERMSIG(status));
        how = name ? fmt::format("was ended by SIG{}", name)
                   : fmt::format("was ended by signal {}", WTERMSIG(status));
    }
    return fmt::format("worker {} {} while it ran {}{}", pid, how, item,
                       reason.empty() ? "" : ": " + reason);
}

}  // namespace

WorkerDied::WorkerDied(std::string item, pid_t pid, int status, const std::string& reason)
    : PoolError(describe_death(item, pid, status, reason)),
      item_(std::move(item)),
      pid_(pid),
      status_(status) {}

int WorkerDied::signal() const noexcept {
    return WIFSIGNALED(status_) ? WTERMSIG(status_) : 0;
}

int WorkerDied::exit_status() const noexcept {
    return WIFEXITED(status_) ? WEXITSTATUS(status_) : -1;
}

namespace pool {

namespace {

struct Makers {
    std::mutex mutex;
    std::map<std::string, ExceptionMaker> by_type;  // guarded by mutex
};

template <class E>
void add(Makers& makers) {
    makers.by_type[typeid(E).name()] = [](const std::string& what) {
        return std::make_exception_ptr(E(what));
    };
}

Makers& makers() {
    static Makers& all = *[] {
        auto* made = new Makers;  // never destroyed: pools may outlive static objects
        add<std::runtime_error>(*made);
        add<std::range_error>(*made);
        add<std::overflow_error>(*made);
        add<std::underflow_error>(*made);
        add<std::logic_error>(*made);
        add<std::invalid_argument>(*made);
        add<std::domain_error>(*made);
        add<std::length_error>(*made);
        add<std::out_of_range>(*made);
        add<PoolError>(*made);
        made->by_type[typeid(std::bad_alloc).name()] = [](const std::string&) {
            return std::make_exception_ptr(std::bad_alloc());
        };
        return made;
    }();
    return all;
}

std::string readable(const std::string& mangled) {
    int status = 0;
    const std::unique_ptr<char, void (*)(void*)> name(
        abi::__cxa_demangle(mangled.c_str(), nullptr, nullptr, &status), std::free);
    return status == 0 ? name.get() : mangled;
}

// What crosses: the type, the message, and for a std::system_error its category and code.
void encode_parts(Message& message, const std::string& type, const std::string& what,
                  const std::string& category = "", int code = 0) {
    encode(message, type);
    encode(message, what);
    encode(message, category);
    encode(message, code);
}

}  // namespace

void remember_exception(const char* type, ExceptionMaker make) {
    const std::lock_guard lock(makers().mutex);
    makers().by_type.emplace(type, make);
}

void encode_exception(Message& message) noexcept {
    try {
        throw;
    } catch (const RemoteError& error) {
        const std::string what = error.what();
        encode_parts(message, error.type(), what.substr(error.type().size() + 2));
    } catch (const std::system_error& error) {
        // Its constructor adds the category's text to the message: cut it off here.
        std::string what = error.what();
        const std::string ending = error.code().message();
        if (what.ends_with(ending))
            what.resize(what.size() - ending.size());
        if (what.ends_with(": "))
            what.resize(what.size() - 2);
        const bool exact = typeid(error) == typeid(std::system_error);
        encode_parts(message, typeid(error).name(), exact ? what : error.what(),
                     exact ? error.code().category().name() : "", error.code().value());
    } catch (const std::exception& error) {
        encode_parts(message, typeid(error).name(), error.what());
    } catch (...) {
        const std::type_info* type = abi::__cxa_current_exception_type();
        encode_parts(message, type ? type->name() : "an exception",
                     "not derived from std::exception");
    }
}

std::exception_ptr decode_exception(Reader& reader) {
    const auto type = decode<std::string>(reader);
    const auto what = decode<std::string>(reader);
    const auto category = decode<std::string>(reader);
    const auto code = decode<int>(reader);
    if (category == std::system_category().name())
        return std::make_exception_ptr(std::system_error(code, std::system_category(), what));
    if (category == std::generic_category().name())
        return std::make_exception_ptr(std::system_error(code, std::generic_category(), what));
    const std::lock_guard lock(makers().mutex);
    if (const auto found = makers().by_type.find(type); found != makers().by_type.end())
        return found->second(what);
    return std::make_exception_ptr(RemoteError(readable(type), what));
}

}  // namespace pool

}  // namespace course
