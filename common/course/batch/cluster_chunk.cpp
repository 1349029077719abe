// The worker's side of a cluster.
#include <course/batch/cluster_chunk.hpp>

#include <nlohmann/json.hpp>
#include <stdexcept>

#include <course/batch/result_record.hpp>
#include <course/testing/probes.hpp>

namespace course::batch {

using nlohmann::json;

void write_chunk(const ClusterFolder& folder, const std::string& name,
                 const std::vector<Task>& tasks) {
    json list = json::array();
    for (const auto& task : tasks)
        list.push_back({{"fingerprint", task.fingerprint}, {"lab", task.lab->name}});
    grading::write_whole(folder.chunks() / (name + ".json"), list.dump());
}

bool grade_chunk(const ClusterFolder& folder, const std::string& name,
                 const std::vector<grading::Lab>& labs, GradingEngine& engine, int stop) {
    const auto file = folder.chunks() / (name + ".json");
    const json list = json::parse(testing::contents(file), nullptr, false);
    if (!list.is_array())
        throw std::runtime_error("there is no chunk " + file.string());
    std::vector<Task> tasks;
    for (const auto& one : list) {
        const std::string fingerprint = one.at("fingerprint");
        if (!std::filesystem::exists(folder.results() / fingerprint))
            tasks.push_back({fingerprint, &grading::find_lab(labs, one.at("lab")),
                             folder.files() / fingerprint});
    }
    return engine.run(tasks, stop, [&folder](const Task& task, const grading::LabResult& result) {
        grading::write_whole(folder.results() / task.fingerprint, to_record(result));
    });
}

}  // namespace course::batch
