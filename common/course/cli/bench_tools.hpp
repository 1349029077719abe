// What benchmarks of the grader have in common: programs with nothing of ours around them, and medians.
#pragma once

#include <sys/types.h>

#include <course/cli/commands.hpp>
#include <filesystem>
#include <string>
#include <vector>

namespace course::cli {

/// Start a program in \p folder, its output thrown away, with as little of our own around it as can be.
/// \throws std::system_error  if it can't be started.
pid_t start_bare(const std::vector<std::string>& arguments, const std::filesystem::path& folder);

/// The one in the middle, of at least one value.
double median(std::vector<double> values);

/// `bench batch`: a class's grading, beside the same compilers, linkers and cases without a grader.
int bench_batch(const Session& session, const grading::Lab& lab, const BenchOptions& options);

}  // namespace course::cli
