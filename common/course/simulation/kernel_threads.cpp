// Starts threads of the kernel, and lets those that are kept run one simulated thread after another.
//
//     add_thread ──▶ start ──▶ waits for its turn ──▶ entry ──▶ destructors ──▶ finish ──▶ gone
//                                     ▲                                           │
//                                     └──── if it is kept: variables reset ◀──────┘
#include "kernel_threads.hpp"

#include <limits.h>

#include "calls.hpp"
#include "stacks.hpp"
#include "state_memory.hpp"
#include "thread_locals.hpp"

namespace course::simulation {
namespace {

// Its destructor is where a thread ends for the simulation, if the kernel's thread ends with it: in
// the last round of destructors, so that those of thread_local variables and other keys still run
// under control.
pthread_key_t end_of_thread;

/// A kept thread of the kernel.
struct KernelThread {
    bool exists;
    pthread_t handle;
    int tid;
    int baton;
    Inherited inherited;
};

struct KernelThreads {
    bool keeping;
    KernelThread kept[max_threads];  // by the number of the simulated thread
};
KernelThreads* kernel_threads = nullptr;

void thread_ends(void* value) {
    auto& me = *static_cast<Thread*>(value);
    if (current_thread != &me) {
        return;  // a forked child
    }
    if (++me.key_rounds < PTHREAD_DESTRUCTOR_ITERATIONS) {
        pthread_setspecific(end_of_thread, &me);
        return;
    }
    in_simulation = 1;
    scheduler().finish(me);
}

/// The simulated thread \p me begins, on the calling thread of the kernel.
void begin(Thread& me) {
    in_simulation = 1;
    current_thread = &me;
    me.tid = static_cast<int>(raw_syscall(SYS_gettid));
    pthread_setspecific(end_of_thread, &me);
#ifndef COURSE_UNDER_ADDRESS_SANITIZER  // which brings its own, and unmaps whatever it finds
    use_signal_stack(signal_stack_of(me.id), signal_stack_size);
#endif
}

/// What a thread of the kernel runs, kept or not: it must have the same addresses on its stack.
void* run(void* argument) {
    auto& me = *static_cast<Thread*>(argument);
    KernelThread& self = kernel_threads->kept[me.id];
    int& baton = *me.baton;
    begin(me);
    if (me.kept) {
        adopt_thread_locals();
        self.tid = me.tid;
    }
    for (;;) {
        scheduler().park(me, baton);
        if (me.kept) {
            self.inherited.give();
        }
        in_simulation = 0;
        me.result = me.entry(me.argument);
        if (!me.kept || current_thread == nullptr) {  // null in a forked child
            return me.result;
        }
        destroy_thread_locals();
        in_simulation = 1;
        scheduler().finish(me);
        reset_thread_locals();
        in_simulation = 1;
        current_thread = &me;
    }
}

}  // namespace

void prepare_threads() {
    if (kernel_threads == nullptr) {
        kernel_threads = static_cast<KernelThreads*>(state_memory(sizeof(KernelThreads)));
        real().pthread_key_create(&end_of_thread, thread_ends);
    }
    prepare_thread_locals();
    stack_of(0);
}

void keep_kernel_threads() {
    kernel_threads->keeping = true;
}

int start_kernel_thread(Thread& thread, const pthread_attr_t* wanted) {
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    void* stack = nullptr;
    std::size_t size = 0;
    const bool own_stack =
        wanted != nullptr && pthread_attr_getstack(wanted, &stack, &size) == 0 && stack != nullptr;
    thread.kept = kernel_threads->keeping && !own_stack;
    KernelThread& kept = kernel_threads->kept[thread.id];
    thread.baton = thread.kept ? &kept.baton : &thread.own_baton;
    if (thread.kept) {
        kept.inherited.take();
    }
    if (thread.kept && kept.exists) {
        thread.handle = kept.handle;
        thread.tid = kept.tid;
        return 0;
    }
    if (own_stack) {
        pthread_attr_setstack(&attributes, stack, size);
    } else {
#ifndef COURSE_UNDER_ADDRESS_SANITIZER
        pthread_attr_setstack(&attributes, stack_of(thread.id), stack_size);
#endif
    }
    const int error = real().pthread_create(&thread.handle, &attributes, run, &thread);
    if (thread.kept && error == 0) {
        kept.exists = true;
        kept.handle = thread.handle;
    }
    pthread_attr_destroy(&attributes);
    return error;
}

void leave_kernel_thread(Thread& me) {
    if (me.kept) {
        me.kept = false;
        kernel_threads->kept[me.id].exists = false;
    }
}

void join_kernel_thread(const Thread& thread) {
    if (!thread.kept) {
        real().pthread_join(thread.handle, nullptr);
    }
}

}  // namespace course::simulation
