// One result for programs: JSON.
#pragma once

#include <course/grading/grader.hpp>
#include <map>
#include <string>
#include <vector>

namespace course::grading {

/// All that is known about one result, as a JSON object.
/// \param hints  the lab's hints by item.
std::string to_json(const LabResult& result,
                    const std::map<std::string, std::vector<std::string>>& hints);

}  // namespace course::grading
