// Follows each thread through the events: what it does, what it waits for, what it holds.
#include <course/timeline/events.hpp>

#include <algorithm>
#include <map>
#include <optional>

namespace course::timeline {

namespace {

/// What a wait is called, and what kind of thing it is for.
struct Wait {
    const char* operation;
    Activity activity;
    const char* words;
    const char* thing;
};

constexpr Wait waits[] = {
    {"sleep", Activity::sleeping, "", ""},
    {"compute", Activity::computing, "", ""},
    {"wait for a core", Activity::wanting_core, "", ""},
    {"wait for the threads that the body left", Activity::returned, "", ""},
    {"join a thread", Activity::blocked, "for the end of", "thread"},
    {"lock", Activity::blocked, "to lock", "mutex"},
    {"lock shared", Activity::blocked, "to share", "mutex"},
    {"wait on a condition variable", Activity::blocked, "on", "condition variable"},
    {"wait for a semaphore", Activity::blocked, "for", "semaphore"},
    {"wait at a barrier", Activity::blocked, "at", "barrier"},
    {"wait for an atomic", Activity::blocked, "for", "atomic or future"},
};

const Wait& wait_of(const std::string& operation) {
    static constexpr Wait other{"", Activity::blocked, "", ""};
    const auto* found = std::find_if(std::begin(waits), std::end(waits),
                                     [&](const Wait& wait) { return operation == wait.operation; });
    return found == std::end(waits) ? other : *found;
}

/// Numbers things of one kind in the order in which they appear: an address tells a reader nothing,
/// and is another one tomorrow.
class Names {
  public:
    explicit Names(const std::vector<Event>& events) {
        for (const Event& event : events)
            if (const char* thing = thing_of(event); thing[0] != '\0' && !event.object.empty())
                numbers_[thing].try_emplace(event.object, numbers_[thing].size() + 1);
    }

    std::string operator()(const std::string& thing, const std::string& object) const {
        const auto& known = numbers_.at(thing);
        return known.size() == 1 ? "the " + thing : thing + " " + std::to_string(known.at(object));
    }

  private:
    static const char* thing_of(const Event& event) {
        if (event.kind == "takes" || event.kind == "releases")
            return "mutex";
        return event.kind == "waits" ? wait_of(event.operation).thing : "";
    }

    std::map<std::string, std::map<std::string, std::size_t>> numbers_;
};

/// A moment just after a step: steps are as wide as they are numbered.
Instant after(Instant at) {
    return {at.time, at.step + 1};
}

class Follower {
  public:
    Follower(const std::vector<Event>& events, int threads)
        : name_(events), lanes_(static_cast<std::size_t>(threads)), states_(lanes_.size()) {
        for (std::size_t i = 0; i < lanes_.size(); ++i)
            lanes_[i].name = i == 0 ? "T0 (main)" : "T" + std::to_string(i);
        for (const Event& event : events)
            follow(event);
    }

    std::vector<Lane> finish(Instant& end) {
        end = end_;
        for (std::size_t i = 0; i < lanes_.size(); ++i) {
            if (lanes_[i].finished)
                continue;
            close(static_cast<int>(i), end_);
            lanes_[i].end = end_;
            if (!lanes_[i].spans.empty())
                lanes_[i].spans.back().for_ever =
                    lanes_[i].spans.back().activity == Activity::blocked ||
                    lanes_[i].spans.back().activity == Activity::returned;
        }
        for (const auto& [object, holders] : holders_)
            for (const int holder : holders)
                release(holder, object, end_, true);
        return std::move(lanes_);
    }

  private:
    struct State {
        bool begun = false;
        bool open = false;  // the last span of the lane goes on
        std::string note;
        std::string object;  // that it waits for
        std::string thing;
        std::map<std::string, std::size_t> holds;  // lock to its place in the lane's list
    };

    Lane& lane(int thread) { return lanes_.at(static_cast<std::size_t>(thread)); }
    State& state(int thread) { return states_.at(static_cast<std::size_t>(thread)); }

    void follow(const Event& event) {
        end_ = after(event.at);
        if (event.kind == "executes" || event.kind == "time is over") {
            has_turn(event);
        } else if (event.kind == "waits") {
            waits_for(event);
        } else if (event.kind == "takes") {
            take(event);
        } else if (event.kind == "releases") {
            release(event.thread, event.object, after(event.at), false);
            tell_waiters(event.object, after(event.at));
        } else if (event.kind == "notes") {
            note(event);
        } else if (event.kind == "ends") {
            close(event.thread, after(event.at));
            lane(event.thread).end = after(event.at);
            lane(event.thread).finished = true;
        }
    }

    void has_turn(const Event& event) {
        const int me = event.thread;
        if (running_ != me && running_ >= 0 && state(running_).open &&
            lane(running_).spans.back().activity == Activity::running) {
            close(running_, event.at);
            open(running_, event.at, Activity::ready);
        }
        running_ = me;
        if (!state(me).begun) {
            state(me).begun = true;
            lane(me).begin = event.at;
        }
        if (state(me).open && lane(me).spans.back().activity == Activity::running)
            return;
        if (state(me).open) {
            lane(me).spans.back().timed_out = event.kind == "time is over";
            lane(me).spans.back().woken_by = event.woken_by;
        }
        close(me, event.at);
        open(me, event.at, Activity::running).place = event.place;
    }

    void waits_for(const Event& event) {
        const Wait& wait = wait_of(event.operation);
        close(event.thread, after(event.at));
        Span& span = open(event.thread, after(event.at), wait.activity);
        span.place = event.place;
        state(event.thread).object = event.object;
        state(event.thread).thing = wait.thing;
        if (wait.activity != Activity::blocked)
            return;
        span.what = event.operation;
        if (std::string(wait.thing) == "thread") {
            span.holder = event.joins;
            span.what = "for the end of T" + std::to_string(event.joins);
        } else if (wait.thing[0] != '\0' && !event.object.empty()) {
            span.what = std::string(wait.words) + " " + name_(wait.thing, event.object);
            span.holder = holder_of(event.object);
            contend(event.object);
        }
    }

    void take(const Event& event) {
        const int me = event.thread;
        holders_[event.object].push_back(me);
        if (!state(me).holds.contains(event.object)) {
            state(me).holds[event.object] = lane(me).holds.size();
            lane(me).holds.push_back(
                {name_("mutex", event.object), after(event.at), {}, false, false});
        }
        tell_waiters(event.object, after(event.at));
    }

    void release(int thread, const std::string& object, Instant at, bool for_ever) {
        if (!for_ever) {
            auto& holders = holders_[object];
            const auto mine = std::find(holders.begin(), holders.end(), thread);
            if (mine != holders.end())
                holders.erase(mine);
            if (std::find(holders.begin(), holders.end(), thread) != holders.end())
                return;  // a recursive mutex
        }
        const auto hold = state(thread).holds.find(object);
        if (hold == state(thread).holds.end())
            return;
        lane(thread).holds[hold->second].end = at;
        lane(thread).holds[hold->second].for_ever = for_ever;
        state(thread).holds.erase(hold);
    }

    /// Who waits for \p object now waits for another thread.
    void tell_waiters(const std::string& object, Instant at) {
        const int holder = holder_of(object);
        if (holder < 0)
            return;  // whoever waits was woken, and is about to try again
        for (std::size_t i = 0; i < lanes_.size(); ++i) {
            if (!states_[i].open || states_[i].object != object || states_[i].thing != "mutex" ||
                lanes_[i].spans.back().activity != Activity::blocked ||
                lanes_[i].spans.back().holder == holder)
                continue;
            Span next = lanes_[i].spans.back();
            close(static_cast<int>(i), at);
            next.begin = at;
            next.holder = holder;
            lanes_[i].spans.push_back(next);
            states_[i].open = true;
            contend(object);
        }
    }

    /// Somebody waits for \p object: who holds it now holds it against others.
    void contend(const std::string& object) {
        for (const int holder : holders_[object])
            if (const auto hold = state(holder).holds.find(object);
                hold != state(holder).holds.end())
                lane(holder).holds[hold->second].contended = true;
    }

    int holder_of(const std::string& object) {
        const auto& holders = holders_[object];
        return holders.empty() ? -1 : holders.front();
    }

    void note(const Event& event) {
        const int me = event.thread;
        state(me).note = event.note;
        if (!state(me).open)
            return;
        Span next = lane(me).spans.back();
        close(me, event.at);  // the step that it is in, is already what it speaks of
        next.note = event.note;
        next.begin = event.at;
        lane(me).spans.push_back(next);
        state(me).open = true;
    }

    Span& open(int thread, Instant at, Activity activity) {
        lane(thread).spans.push_back({});
        Span& span = lane(thread).spans.back();
        span.activity = activity;
        span.begin = at;
        span.note = state(thread).note;
        state(thread).open = true;
        state(thread).object.clear();
        return span;
    }

    /// End the open span of \p thread.
    void close(int thread, Instant at) {
        if (!state(thread).open)
            return;
        state(thread).open = false;
        lane(thread).spans.back().end = at;
    }

    Names name_;
    std::vector<Lane> lanes_;
    std::vector<State> states_;
    std::map<std::string, std::vector<int>> holders_;
    int running_ = -1;
    Instant end_;
};

}  // namespace

std::vector<Lane> lanes_of(const std::vector<Event>& events, int threads, Instant& end) {
    return Follower(events, threads).finish(end);
}

}  // namespace course::timeline
