// Engine: the program's side of a pool: queue, workers, and who looks after them.
//
//     submit ----> queue ----> window of a worker ----> its result ----> hooks, callbacks
//                    ^              |   not begun when another worker has nothing to do,
//                    +--------------+   when it is cancelled, or when the worker dies
//
// Progress is made by *rounds*: read all rings, give out tasks, act on what the fork server says. Any thread may do
// one, the mutex keeps them apart. A thread that waits for a task does rounds itself, so that a result needs no
// second thread to wake it; if more threads wait, one leads and the others sleep until their tasks are done. When
// nobody waits, the keeper does the rounds: a thread of ours or, for a pool that is driven by an Asio
// executor, a wait of the executor on `descriptor()`.
#pragma once

#include <sys/epoll.h>

#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include <course/process_pool/channel.hpp>
#include <course/process_pool/fork_server.hpp>
#include <course/process_pool/options.hpp>
#include <course/process_pool/pause.hpp>
#include <course/process_pool/task.hpp>

namespace course::pool {

using Clock = std::chrono::steady_clock;

/// What `epoll_event::data` says beside the index of a slot.
inline constexpr std::uint64_t control_event = ~0ULL, poke_event = ~0ULL - 1;

/// A thread that waits until something has happened so many times.
struct Waiter {
    explicit Waiter(std::size_t times) : remaining(times) {}
    /// It happened once.
    void count() noexcept {
        if (remaining > 0 && --remaining == 0)
            wake.notify_one();
    }
    std::size_t remaining;         ///< guarded by the engine's mutex
    std::condition_variable wake;  ///< `remaining == 0`, or it is its turn to lead
    Task* single = nullptr;        ///< the only task it waits for, if there is only one
};

/// One worker, in the program's eyes.
struct WorkerSlot {
    enum class State { empty, starting, ready, retiring };
    State state = State::empty;
    bool was_ready = false;    ///< its initializer has returned
    std::uint64_t number = 0;  ///< of the process, for the fork server
    pid_t pid = -1;
    std::unique_ptr<Channel> channel;
    std::optional<RingWriter> requests;
    std::optional<RingReader> results;

    TaskPtr held[window];        ///< by sequence % window
    std::uint32_t oldest = 0;    ///< sequences before it are done with
    std::uint32_t next = 0;      ///< the sequence to be given next
    std::uint32_t holding = 0;   ///< tasks given and not done
    std::uint64_t given = 0;     ///< tasks that count towards max_tasks_per_child
    std::uint64_t received = 0;  ///< frames

    TaskPtr outgoing;  ///< a task of which only a part was sent
    std::size_t outgoing_offset = 0;
    TaskPtr incoming;  ///< a task of whose result only a part has come
    FrameHeader incoming_header{};
    char* incoming_at = nullptr;
    std::size_t incoming_left = 0;

    bool has_news = false;  ///< something was published since the last look whether it sleeps
    std::string accused;    ///< why we killed it
};

/// The program's side of a pool.
class Engine : public std::enable_shared_from_this<Engine> {
    using Lock = std::unique_lock<std::mutex>;

  public:
    Engine(PoolOptions options, std::shared_ptr<ServerProcess> server);
    ~Engine();

    /// Start the workers, and the keeper unless \p driven.
    void start(bool driven);
    /// Take \p task on. \throws BrokenPool, std::logic_error  as of `ProcessPool::submit`.
    void submit(const TaskPtr& task);
    /// Whether \p task has been cancelled now.
    bool cancel(Task& task);
    /// Whether a worker has begun \p task.
    bool running(Task& task);
    /// Do rounds until \p waiter has counted down. \return  false if \p deadline came first.
    bool wait(Waiter& waiter, std::optional<Clock::time_point> deadline = {});
    /// Tell \p hook when \p task is done. \return  false if it is done: then it is not told.
    bool add_hook(Task& task, Hook& hook);
    /// Don't tell it any more.
    void remove_hook(Task& task, Hook& hook);
    /// Call \p what with the mutex held.
    template <class F>
    void locked(F what) {
        const Lock lock(mutex_);
        what();
    }
    /// Run \p callback when \p task is done, or now.
    void add_callback(const TaskPtr& task, std::unique_ptr<Callback> callback);
    /// See `ProcessPool::shutdown`.
    void shutdown(bool wait_for_it, bool cancel_pending);
    /// Processes of the workers that have started.
    std::vector<pid_t> worker_pids();
    /// Whether this is the copy in a child that the program has forked: of no use there.
    bool is_copy() const noexcept { return getpid() != owner_; }
    /// How many workers there are at most.
    unsigned max_workers() const noexcept { return static_cast<unsigned>(slots_.size()); }

    // For a driver.
    /// Readable when `drive` is due.
    int descriptor() const noexcept { return epoll_.get(); }
    /// Rounds until nothing is left to do now.
    /// \return  whether to call it again when `descriptor` is readable; else when `due` is called.
    bool drive();
    /// Call \p due, with the mutex held, when `drive` is due and the driver does not wait for `descriptor`.
    void driven_by(std::function<void()> due);

  private:
    // rounds
    bool round();
    void lead(Lock& lock, Waiter& waiter, std::optional<Clock::time_point> deadline);
    void stop_leading();
    bool arm_all(const Waiter* leader);
    std::uint64_t results_to_wait_for(const WorkerSlot& slot, const Waiter* leader) const;
    void arm_again();
    void watch(int descriptor, std::uint64_t data);
    void sleep(Lock& lock, int milliseconds, bool as_leader);
    void take_events(const epoll_event* events, int count);
    bool anything_to_read();
    void keep();
    void tell_driver();
    void poke();
    void run_callbacks(Lock& lock);

    // results
    bool read_results(WorkerSlot& slot);
    bool read_frames(WorkerSlot& slot);
    void handle_frame(WorkerSlot& slot, const FrameHeader& header, const char* payload);
    TaskPtr task_of(WorkerSlot& slot, const FrameHeader& header);
    void forget(WorkerSlot& slot, std::uint32_t sequence);
    void begin_incoming(WorkerSlot& slot, const FrameHeader& header);
    bool continue_incoming(WorkerSlot& slot);
    void complete(const TaskPtr& task, Outcome outcome);
    void fail(const TaskPtr& task, std::exception_ptr failure, Outcome outcome = Outcome::failed);

    // tasks
    void give_out();
    void requeue(WorkerSlot& slot, std::uint32_t sequence);
    bool used_up(const WorkerSlot& slot) const;
    bool can_take(WorkerSlot& slot, std::size_t size);
    WorkerSlot* least_busy(std::size_t size);
    void give(WorkerSlot& slot, TaskPtr task);
    void continue_outgoing(WorkerSlot& slot);
    bool take_back(WorkerSlot& slot, std::uint32_t sequence);
    void balance();

    // workers
    void spawn(WorkerSlot& slot);
    void send_frame(WorkerSlot& slot, Tag tag, const std::string& payload);
    void retire(WorkerSlot& slot);
    void kill(WorkerSlot& slot, std::string why);
    bool read_control();
    void ended(WorkerSlot& slot, int status);
    void bury(WorkerSlot& slot, int status);
    void died_of(WorkerSlot& slot, const TaskPtr& task, int status);
    void break_pool(const std::string& why);
    void end_if_done();

    const PoolOptions options_;
    const pid_t owner_ = getpid();
    std::shared_ptr<ServerProcess> server_;
    Descriptor control_;
    Descriptor epoll_;
    Descriptor poke_;  // an eventfd in epoll_: wakes the keeper
    std::thread keeper_;

    std::mutex mutex_;  // guards all that follows
    std::vector<WorkerSlot> slots_;
    std::deque<TaskPtr> queue_;
    std::size_t queued_ = 0;       // tasks in queue_ that are not done: cancelled ones stay in it
    std::size_t outstanding_ = 0;  // tasks that are not done
    std::size_t alive_ = 0;        // workers that have not ended
    std::size_t hooked_ = 0;       // tasks not done with a callback
    std::uint64_t submitted_ = 0;
    std::uint64_t spawned_ = 0;
    unsigned early_deaths_ = 0;  // in a row, of workers that were not ready yet
    bool accepting_ = true;
    bool retired_ = false;  // all workers were told to end
    std::exception_ptr broken_;
    std::string broken_why_;

    Spinner spinner_;                       // of the one who leads
    bool leading_ = false;                  // a waiting thread does the rounds
    std::uint64_t leads_ = 0;               // how many did
    Clock::time_point led_{};               // when one did last
    std::deque<Waiter*> sleeping_;          // waiting threads that don't lead
    std::vector<Waiter*> all_ended_;        // who wait until alive_ is 0
    std::condition_variable keeper_wakes_;  // ending_, or a while after a thread has led
    bool keeper_sleeps_ = false;            // on the descriptor, or the driver waits for it
    bool keeper_parked_ = false;            // until the one who leads stops
    bool leader_sleeps_ = false;            // on the descriptor
    bool ending_ = false;
    std::function<void()> due_;  // of a driver
    bool driver_busy_ = false;   // it was told, or waits for the descriptor
    bool ended_ = false;         // the keeper is gone
    std::vector<std::pair<TaskPtr, std::unique_ptr<Callback>>> callbacks_due_;
};

}  // namespace course::pool
