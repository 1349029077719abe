// Asks addr2line, which comes with every compiler.
#include "symbols.hpp"

#include <dlfcn.h>
#include <link.h>
#include <stdio.h>
#include <unistd.h>

#include <climits>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace course::simulation {
namespace {

/// Where the program itself was loaded, and where its code ends.
struct Program {
    std::uintptr_t offset = 0;
    std::uintptr_t begin = UINTPTR_MAX;
    std::uintptr_t end = 0;
    std::string path;

    Program() {
        dl_iterate_phdr(
            [](dl_phdr_info* object, std::size_t, void* self) {
                static_cast<Program*>(self)->read(*object);
                return 1;  // the program comes first
            },
            this);
        char buffer[PATH_MAX];
        const ssize_t length = readlink("/proc/self/exe", buffer, sizeof buffer);
        path.assign(buffer, length > 0 ? static_cast<std::size_t>(length) : 0);
    }

    void read(const dl_phdr_info& object) {
        offset = object.dlpi_addr;
        for (int i = 0; i < object.dlpi_phnum; ++i) {
            const auto& segment = object.dlpi_phdr[i];
            if (segment.p_type == PT_LOAD && (segment.p_flags & PF_X) != 0) {
                begin = std::min<std::uintptr_t>(begin, offset + segment.p_vaddr);
                end = std::max<std::uintptr_t>(end, offset + segment.p_vaddr + segment.p_memsz);
            }
        }
    }

    bool contains(const void* address) const {
        const auto at = reinterpret_cast<std::uintptr_t>(address);
        return at >= begin && at < end;
    }
};

bool contains(std::string_view text, std::string_view part) {
    return text.find(part) != std::string_view::npos;
}

bool of_interest(std::string_view function, std::string_view file) {
    return !contains(file, "/usr/") && !contains(file, "course/simulation/") &&
           !contains(file, "/catch2/") && !contains(function, "course::simulation::expect") &&
           !contains(file, "??") && !contains(file, "../sysdeps") && function != "main" &&
           function != "_start";
}

std::string last_two_parts(const std::string& path) {
    const std::size_t last = path.rfind('/');
    const std::size_t before =
        last == std::string::npos || last == 0 ? last : path.rfind('/', last - 1);
    return before == std::string::npos ? path : path.substr(before + 1);
}

/// "account::withdraw(long)", not three lines of template arguments; a lambda by the function that it
/// stands in.
std::string shorten(std::string function) {
    constexpr std::size_t limit = 60;
    constexpr std::string_view noise[] = {"(anonymous namespace)::", " const", "operator()()::"};
    for (const std::string_view part : noise) {
        for (std::size_t at; (at = function.find(part)) != std::string::npos;) {
            function.erase(at, part.size());
        }
    }
    for (const std::string_view lambda : {"::$_", "::{lambda("}) {
        const std::size_t at = function.find(lambda);
        function = at == std::string::npos ? function : "a lambda in " + function.substr(0, at);
    }
    if (contains(function, "C_A_T_C_H") || contains(function, "CATCH2_INTERNAL_TEST")) {
        return "the test";
    }
    if (const std::size_t at = function.find('(');
        function.size() > limit && at > 0 && at < limit) {
        function = function.substr(0, at) + "(...)";
    }
    if (function.size() > limit) {
        function = function.substr(0, limit - 3) + "...";
    }
    return function;
}

std::string quoted(const std::string& path) {
    std::string result = "'";
    for (const char c : path) {
        result += c == '\'' ? "'\\''" : std::string(1, c);
    }
    return result + "'";
}

class Addr2line {
  public:
    explicit Addr2line(const std::string& command) : pipe_(popen(command.c_str(), "r")) {}
    ~Addr2line() {
        if (pipe_ != nullptr) {
            pclose(pipe_);
        }
    }
    Addr2line(const Addr2line&) = delete;
    Addr2line& operator=(const Addr2line&) = delete;

    bool read_line(std::string& line) {
        line.clear();
        for (int c; pipe_ != nullptr && (c = fgetc(pipe_)) != EOF;) {
            if (c == '\n') {
                return true;
            }
            line.push_back(static_cast<char>(c));
        }
        return false;
    }

  private:
    FILE* pipe_;
};

}  // namespace

void Symbols::want(const Place& place) {
    for (const void* address : place.frames) {
        if (address == nullptr) {
            return;
        }
        found_[address];
    }
}

void Symbols::look_up() {
    const Program program;
    std::string command = "addr2line -a -i -f -C -e " + quoted(program.path);
    std::map<std::uintptr_t, const void*> asked;
    for (const auto& [address, frames] : found_) {
        if (program.contains(address) && asked.size() < 4000) {
            // The call is before the address to which it returns.
            const auto at = reinterpret_cast<std::uintptr_t>(address) - 1 - program.offset;
            asked[at] = address;
            char text[32];
            snprintf(text, sizeof text, " 0x%lx", static_cast<unsigned long>(at));
            command += text;
        }
    }
    if (asked.empty()) {
        return;
    }
    Addr2line answers(command + " 2>/dev/null");
    std::vector<Frame>* frames = nullptr;
    for (std::string function, file; answers.read_line(function);) {
        if (function.rfind("0x", 0) == 0) {
            frames = &found_[asked[std::stoull(function, nullptr, 16)]];
            continue;
        }
        if (!answers.read_line(file) || frames == nullptr || !of_interest(function, file)) {
            continue;
        }
        const std::size_t colon = file.rfind(':');
        const int line = std::atoi(file.c_str() + colon + 1);
        frames->push_back({shorten(function), last_two_parts(file.substr(0, colon)), line});
    }
}

std::vector<Frame> Symbols::frames(const Place& place) const {
    std::vector<Frame> result;
    for (const void* address : place.frames) {
        const auto found = found_.find(address);
        if (address == nullptr || found == found_.end()) {
            break;
        }
        result.insert(result.end(), found->second.begin(), found->second.end());
    }
    return result;
}

std::string Symbols::line(const Place& place) const {
    const std::vector<Frame> all = frames(place);
    return all.empty() ? "" : all.front().file + ":" + std::to_string(all.front().line);
}

}  // namespace course::simulation
