// Knows of each destructor, and where each library has its part of a thread's memory.
#include "thread_locals.hpp"

#include <errno.h>
#include <limits.h>
#include <link.h>
#include <locale.h>
#include <string.h>

#include <algorithm>
#include <cstdlib>

#include "calls.hpp"
#include "fresh_state.hpp"
#include "kernel_threads.hpp"
#include "state_memory.hpp"

namespace course::simulation {
namespace {

// ---- thread-specific keys

struct Keys {
    void (*destructor[PTHREAD_KEYS_MAX])(void*);
    bool of_schedule[PTHREAD_KEYS_MAX];
    unsigned end;  // above all that were ever created
};
Keys* the_keys = nullptr;

Keys& keys() {
    if (the_keys == nullptr) {
        the_keys = static_cast<Keys*>(state_memory(sizeof(Keys)));
    }
    return *the_keys;
}

/// As POSIX has it: again and again, while destructors set values anew, but not for ever.
void destroy_key_values() {
    const Keys& known = keys();
    bool any = true;
    for (int round = 0; any && round < PTHREAD_DESTRUCTOR_ITERATIONS; ++round) {
        any = false;
        for (pthread_key_t key = 0; key < known.end; ++key) {
            void* value = pthread_getspecific(key);
            if (value != nullptr) {
                pthread_setspecific(key, nullptr);
                any = true;
                if (known.destructor[key] != nullptr) {
                    known.destructor[key](value);
                }
            }
        }
    }
    for (pthread_key_t key = 0; any && key < known.end; ++key) {
        if (pthread_getspecific(key) != nullptr) {
            pthread_setspecific(key, nullptr);
        }
    }
}

// ---- thread_local variables

struct Destructor {
    void (*destroy)(void*);
    void* object;
    Destructor* earlier;
};
thread_local Destructor* last_destructor = nullptr;

void destroy_variables(void* = nullptr) {
    while (last_destructor != nullptr) {
        Destructor* const last = last_destructor;
        const Destructor copy = *last;
        last_destructor = copy.earlier;
        {
            const SimulationScope scope;
            std::free(last);
        }
        copy.destroy(copy.object);
    }
}

/// Have libc call \p destroy when the thread of the kernel ends.
int call_at_end(void (*destroy)(void*), void* object, void* library) {
    using CallAtEnd = int (*)(void (*)(void*), void*, void*);
    const auto next = reinterpret_cast<CallAtEnd>(next_definition("__cxa_thread_atexit_impl"));
    return next(destroy, object, library);
}

/// Where one library has its variables in a thread, and what they are at first.
struct Block {
    std::ptrdiff_t place;  // counted from the thread's handle
    const char* image;
    std::size_t image_size;  // the rest is zero
    std::size_t size;
};

struct Blocks {
    static constexpr int limit = 64;

    Block blocks[limit];
    int count;
};
Blocks* the_blocks = nullptr;

int note_block(dl_phdr_info* object, std::size_t, void*) {
    if (object->dlpi_tls_data == nullptr || belongs_to_the_system(object->dlpi_name)) {
        return 0;
    }
    for (int i = 0; i < object->dlpi_phnum && the_blocks->count < Blocks::limit; ++i) {
        const auto& segment = object->dlpi_phdr[i];
        if (segment.p_type == PT_TLS) {
            const auto* handle = reinterpret_cast<const char*>(pthread_self());
            the_blocks->blocks[the_blocks->count++] = {
                static_cast<const char*>(object->dlpi_tls_data) - handle,
                reinterpret_cast<const char*>(object->dlpi_addr + segment.p_vaddr),
                segment.p_filesz, segment.p_memsz};
        }
    }
    return 0;
}

}  // namespace

void Inherited::take() {
    pthread_sigmask(SIG_BLOCK, nullptr, &blocked_signals_);
    fegetenv(&floating_point_);
}

void Inherited::give() const {
    pthread_sigmask(SIG_SETMASK, &blocked_signals_, nullptr);
    fesetenv(&floating_point_);
}

void prepare_thread_locals() {
    keys();
    if (the_blocks == nullptr) {
        the_blocks = static_cast<Blocks*>(state_memory(sizeof(Blocks)));
    }
}

void adopt_thread_locals() {
    if (the_blocks->count == 0) {
        dl_iterate_phdr(note_block, nullptr);
    }
    call_at_end(destroy_variables, nullptr, &the_blocks);  // for pthread_exit
}

void destroy_thread_locals() {
    destroy_variables();
    destroy_key_values();
}

void reset_thread_locals() {
    auto* handle = reinterpret_cast<char*>(pthread_self());
    for (int i = 0; i < the_blocks->count; ++i) {
        const Block& block = the_blocks->blocks[i];
        char* begin = handle + block.place;
        real().memcpy(begin, block.image, block.image_size);
        real().memset(begin + block.image_size, 0, block.size - block.image_size);
    }
    uselocale(LC_GLOBAL_LOCALE);
    errno = 0;
}

void delete_keys() {
    Keys& known = keys();
    for (pthread_key_t key = 0; key < known.end; ++key) {
        if (known.of_schedule[key]) {
            known.of_schedule[key] = false;
            pthread_key_delete(key);
        }
    }
}

}  // namespace course::simulation

using namespace course::simulation;

COURSE_REDEFINED int pthread_key_create(pthread_key_t* key, void (*destructor)(void*)) {
    const int error = real().pthread_key_create(key, destructor);
    if (error == 0) {
        Keys& known = keys();
        known.destructor[*key] = destructor;
        known.of_schedule[*key] = controlled() != nullptr && scheduler().own_process();
        known.end = std::max(known.end, *key + 1);
    }
    return error;
}

// What the compiler calls for a thread_local variable, when it has been constructed.
COURSE_REDEFINED int __cxa_thread_atexit_impl(void (*destroy)(void*), void* object, void* library) {
    if (current_thread == nullptr || !current_thread->kept) {
        return call_at_end(destroy, object, library);
    }
    const SimulationScope scope;
    auto* entry = static_cast<Destructor*>(std::malloc(sizeof(Destructor)));
    *entry = {destroy, object, last_destructor};
    last_destructor = entry;
    return 0;
}
