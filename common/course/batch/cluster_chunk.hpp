// Cluster chunk: what a master and its workers know of each other: files in a folder that all of them see.
//
//     FOLDER/files/FINGERPRINT      what was handed in                      master -> worker
//     FOLDER/chunks/NAME.json       the fingerprints and labs of a chunk    master -> worker
//     FOLDER/results/FINGERPRINT    a record, written whole                 worker -> master
//     FOLDER/logs/JOB_INDEX.txt     what a worker printed                   worker -> people
#pragma once

#include <course/batch/grading_engine.hpp>
#include <filesystem>
#include <string>
#include <vector>

namespace course::batch {

/// The folder that master and workers share.
struct ClusterFolder {
    /// Where it is, by the same path on every node.
    std::filesystem::path path;

    /// Of all files that are to be graded.
    std::filesystem::path files() const { return path / "files"; }
    /// Of the lists of what a worker has to do.
    std::filesystem::path chunks() const { return path / "chunks"; }
    /// Of the results.
    std::filesystem::path results() const { return path / "results"; }
    /// Of what workers print.
    std::filesystem::path logs() const { return path / "logs"; }
};

/// Write \p tasks as the chunk \p name. The files are not copied.
void write_chunk(const ClusterFolder& folder, const std::string& name,
                 const std::vector<Task>& tasks);

/// A worker's whole work: grade by \p engine what the chunk \p name asks for and has no result yet, and write each result as
/// soon as it is there.
/// \param labs  the labs of the course.
/// \return  whether all was graded; otherwise it was stopped.
/// \throws std::runtime_error  if there is no such chunk, or it is about a lab that this course does not have.
bool grade_chunk(const ClusterFolder& folder, const std::string& name,
                 const std::vector<grading::Lab>& labs, GradingEngine& engine, int stop);

}  // namespace course::batch
