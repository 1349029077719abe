// A real Slurm of one node for tests: its daemons in this machine's loopback, their state in a temporary folder.
#pragma once

#include <course/testing/testing.hpp>
#include <string>
#include <vector>

namespace course::batch::tests {

/// munged, slurmctld and slurmd, which end with this object. SLURM_CONF names its configuration as long as it lives.
///
/// This process becomes the parent of orphans, so that what slurmd has started can be found.
class SlurmCluster {
  public:
    /// Whether the programs are installed.
    static bool is_installed();

    /// Start it and wait until the node is idle.
    /// \throws std::runtime_error  with the daemons' logs if it isn't within a minute.
    SlurmCluster();
    ~SlurmCluster();
    SlurmCluster(const SlurmCluster&) = delete;
    SlurmCluster& operator=(const SlurmCluster&) = delete;

    /// End slurmd and everything that it has started, as if the power had failed; return when the controller knows.
    void kill_node();
    /// Start slurmd, and wait until the node is there.
    void start_node();
    /// A folder that all nodes see.
    std::string folder(const std::string& name) const { return folder_.file(name); }

  private:
    void end_node();
    pid_t start(const std::vector<std::string>& command, const std::string& log);
    void configure() const;
    std::string logs() const;

    testing::TemporaryFolder folder_;
    pid_t munged_ = -1;
    pid_t controller_ = -1;
    pid_t node_ = -1;
};

/// What the command \p arguments prints, and how it ends.
std::pair<int, std::string> output_of(const std::vector<std::string>& arguments);

}  // namespace course::batch::tests
