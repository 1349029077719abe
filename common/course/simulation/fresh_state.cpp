// Copies writable memory, and copies back what has changed.
#include "fresh_state.hpp"

#include <dirent.h>
#include <link.h>
#include <string.h>
#include <sys/single_threaded.h>

#include <algorithm>
#include <cstdlib>

#include "calls.hpp"
#include "heap.hpp"
#include "state_memory.hpp"
#include "thread_locals.hpp"

namespace course::simulation {
namespace {

constexpr std::size_t page = 4096;

}  // namespace

bool belongs_to_the_system(const char* path) {
    const char* slash = strrchr(path, '/');
    const char* name = slash != nullptr ? slash + 1 : path;
    constexpr const char* prefixes[] = {"libc.so",    "ld-linux", "libgcc_s", "libpthread",
                                        "linux-vdso", "libasan",  "libubsan"};
    return std::any_of(std::begin(prefixes), std::end(prefixes), [name](const char* prefix) {
        return strncmp(name, prefix, strlen(prefix)) == 0;
    });
}

namespace {

struct Range {
    char* begin;
    char* end;
};

/// Where the dynamic linker keeps the addresses of functions that it has looked up. Putting that
/// back would make it look them all up again in each schedule.
Range looked_up_functions(const dl_phdr_info& object) {
    char* table = nullptr;
    std::size_t bytes_of_relocations = 0;
    for (int i = 0; i < object.dlpi_phnum; ++i) {
        if (object.dlpi_phdr[i].p_type != PT_DYNAMIC) {
            continue;
        }
        const auto* entry =
            reinterpret_cast<const ElfW(Dyn)*>(object.dlpi_addr + object.dlpi_phdr[i].p_vaddr);
        for (; entry->d_tag != DT_NULL; ++entry) {
            if (entry->d_tag == DT_PLTGOT) {
                table = reinterpret_cast<char*>(entry->d_un.d_ptr);
            } else if (entry->d_tag == DT_PLTRELSZ) {
                bytes_of_relocations = entry->d_un.d_val;
            }
        }
    }
    const std::size_t functions = bytes_of_relocations / sizeof(ElfW(Rela));
    constexpr std::size_t reserved = 3;  // of the dynamic linker itself
    return {table, table + (table != nullptr ? (reserved + functions) * sizeof(void*) : 0)};
}

/// Where libc's heap begins and ends.
std::pair<char*, char*> libc_heap() {
    std::pair<char*, char*> heap{nullptr, nullptr};
    if (FILE* maps = fopen("/proc/self/maps", "r")) {
        char line[512];
        while (fgets(line, sizeof line, maps) != nullptr) {
            if (strstr(line, "[heap]") != nullptr) {
                char* end = nullptr;
                heap.first = reinterpret_cast<char*>(strtoul(line, &end, 16));
                heap.second = reinterpret_cast<char*>(strtoul(end + 1, nullptr, 16));
            }
        }
        fclose(maps);
    }
    return heap;
}

/// The address above the calling thread's stack.
char* end_of_stack() {
    pthread_attr_t attributes;
    void* begin = nullptr;
    std::size_t size = 0;
    pthread_getattr_np(pthread_self(), &attributes);
    pthread_attr_getstack(&attributes, &begin, &size);
    pthread_attr_destroy(&attributes);
    return static_cast<char*>(begin) + size;
}

}  // namespace

void FreshState::add(char* begin, std::size_t size) {
    if (size > 0 && region_count_ < max_regions) {
        auto* copy = static_cast<char*>(state_memory(size));
        memcpy(copy, begin, size);
        regions_[region_count_++] = {begin, size, copy};
    }
}

void FreshState::note_descriptors() {
    DIR* directory = opendir("/proc/self/fd");
    if (directory == nullptr) {
        return;
    }
    while (const dirent* entry = readdir(directory)) {
        const int descriptor = atoi(entry->d_name);
        if (entry->d_name[0] != '.' && descriptor != dirfd(directory) &&
            descriptor_count_ < max_descriptors) {
            descriptors_[descriptor_count_++] = descriptor;
        }
    }
    closedir(directory);
    std::sort(descriptors_, descriptors_ + descriptor_count_);
}

void FreshState::close_new_descriptors() const {
    int first = 0;
    for (int i = 0; i < descriptor_count_; ++i) {
        if (descriptors_[i] > first) {
            raw_syscall(SYS_close_range, first, descriptors_[i] - 1, 0);
        }
        first = descriptors_[i] + 1;
    }
    raw_syscall(SYS_close_range, first, ~0u, 0);
}

void FreshState::capture(void* stack) {
    // Of this one libc keeps a second copy, which says that threads have been started. Were only
    // the program's copy put back, shared_ptr and static initialisation would do without atomics.
    __libc_single_threaded = 0;
    note_descriptors();
    char* from = static_cast<char*>(stack);
    add(from, static_cast<std::size_t>(end_of_stack() - from));
    const auto [heap_begin, heap_end] = libc_heap();
    add(heap_begin, static_cast<std::size_t>(heap_end - heap_begin));
    const auto add_library = [](dl_phdr_info* object, std::size_t, void* self) {
        if (belongs_to_the_system(object->dlpi_name)) {
            return 0;
        }
        const Range kept = looked_up_functions(*object);
        for (int i = 0; i < object->dlpi_phnum; ++i) {
            const auto& segment = object->dlpi_phdr[i];
            if (segment.p_type != PT_LOAD || (segment.p_flags & PF_W) == 0) {
                continue;
            }
            auto* state = static_cast<FreshState*>(self);
            auto* begin = reinterpret_cast<char*>(object->dlpi_addr + segment.p_vaddr);
            char* end = begin + segment.p_memsz;
            if (kept.begin >= begin && kept.end <= end) {
                state->add(begin, static_cast<std::size_t>(kept.begin - begin));
                begin = kept.end;
            }
            state->add(begin, static_cast<std::size_t>(end - begin));
        }
        return 0;
    };
    dl_iterate_phdr(add_library, this);
}

void FreshState::restore() {
    for (int i = 0; i < region_count_; ++i) {
        const Region& region = regions_[i];
        for (std::size_t at = 0, size; at < region.size; at += size) {
            // Page by page: what the linker made read-only is never changed, so never written.
            const auto address = reinterpret_cast<std::uintptr_t>(region.begin + at);
            size = std::min(page - address % page, region.size - at);
            if (memcmp(region.begin + at, region.copy + at, size) != 0) {
                memcpy(region.begin + at, region.copy + at, size);
            }
        }
    }
    clear_program_heap();
    delete_keys();
    close_new_descriptors();
}

}  // namespace course::simulation
