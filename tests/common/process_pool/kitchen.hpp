// What the tests of ProcessPool share: calls for workers, and gates that hold them.
#pragma once

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <course/process_pool/process_pool.hpp>
#include <course/testing/testing.hpp>
#include <string>
#include <vector>

namespace kitchen {

/// Holds workers until the test opens it: two named pipes in a folder. No clock has a part in it.
class Gate {
  public:
    Gate() {
        for (const char* name : {"in", "out"})
            if (mkfifo(folder_.file(name).c_str(), 0600) != 0)
                throw std::runtime_error("mkfifo");
        in_ = open(folder_.file("in").c_str(), O_RDWR);
        out_ = open(folder_.file("out").c_str(), O_RDWR);
    }
    ~Gate() { close(in_), close(out_); }

    /// For `pass`, in a worker.
    std::string path() const { return folder_.path().string(); }
    /// Wait until a worker stands at the gate.
    void await_arrival() {
        char byte;
        if (read(in_, &byte, 1) != 1)
            throw std::runtime_error("read");
    }
    /// Let \p count workers pass.
    void open_for(int count) {
        for (int i = 0; i < count; ++i)
            if (write(out_, "x", 1) != 1)
                throw std::runtime_error("write");
    }

    /// In a worker: arrive, wait until the gate is opened, and return \p value.
    static int pass(const std::string& path, int value) {
        const int in = open((path + "/in").c_str(), O_WRONLY);
        if (write(in, "x", 1) != 1)
            throw std::runtime_error("write");
        close(in);
        const int out = open((path + "/out").c_str(), O_RDONLY);
        char byte;
        if (read(out, &byte, 1) != 1)
            throw std::runtime_error("read");
        close(out);
        return value;
    }

  private:
    course::testing::TemporaryFolder folder_;
    int in_ = -1;
    int out_ = -1;
};

/// The process that runs it.
inline pid_t who() {
    return getpid();
}

inline int add(int a, int b) {
    return a + b;
}

}  // namespace kitchen
