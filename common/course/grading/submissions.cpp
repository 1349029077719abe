// Finds the files that students handed in.
#include <course/grading/submissions.hpp>

#include <algorithm>
#include <map>
#include <set>
#include <stdexcept>

namespace course::grading {

namespace fs = std::filesystem;

namespace {

/// Why \p file can't be given to a compiler, or nothing.
std::string problem_with(const fs::path& file) {
    std::error_code error;
    const auto status = fs::symlink_status(file, error);
    if (error)
        return "can't be read: " + error.message();
    if (fs::is_symlink(status))
        return "is a symbolic link: hand in the file itself";
    if (!fs::is_regular_file(status))
        return "is not a regular file";
    if (fs::file_size(file, error) > (std::uintmax_t{1} << 20) || error)
        return "is larger than 1 MiB";
    return "";
}

/// The files called \p name below \p folder; symbolic links are not followed.
std::vector<fs::path> files_called(const std::string& name, const fs::path& folder) {
    std::vector<fs::path> found;
    std::error_code error;
    for (fs::recursive_directory_iterator at(folder, error), end; !error && at != end;
         at.increment(error))
        if (at->path().filename() == name)
            found.push_back(at->path());
    std::sort(found.begin(), found.end());
    return found;
}

Submission choose(const std::string& student, const Lab& lab, const std::vector<fs::path>& files) {
    Submission submission{student, &lab, {}, ""};
    if (files.empty()) {
        return submission;  // nothing was handed in
    }
    // A file in a folder of the lab's name is meant before a file that just has the right name.
    const auto in_lab_folder = [&lab](const fs::path& file) {
        return file.parent_path().filename() == lab.name;
    };
    std::vector<fs::path> meant;
    std::copy_if(files.begin(), files.end(), std::back_inserter(meant), in_lab_folder);
    if (meant.empty())
        meant = files;
    submission.file = meant.front();
    submission.problem = meant.size() == 1
                             ? problem_with(submission.file)
                             : std::to_string(meant.size()) + " files are called " +
                                   lab.gap().filename().string() + ": which one counts?";
    return submission;
}

}  // namespace

std::vector<Submission> find_submissions(const fs::path& folder,
                                         const std::vector<const Lab*>& only) {
    if (!fs::is_directory(folder))
        throw std::runtime_error(folder.string() + " is neither a lab nor a folder of submissions");
    std::set<fs::path> students;
    for (const auto& entry : fs::directory_iterator(folder))
        if (entry.is_directory() && entry.path().filename().string().front() != '.')
            students.insert(entry.path());
    if (students.empty())
        throw std::runtime_error(folder.string() +
                                 " has no sub-folders: one per student is expected");

    std::map<const Lab*, std::map<fs::path, std::vector<fs::path>>> files;
    for (const Lab* lab : only)
        for (const auto& student : students)
            if (auto found = files_called(lab->gap().filename().string(), student); !found.empty())
                files[lab][student] = std::move(found);
    if (files.empty() && only.size() > 1)
        throw std::runtime_error("no sub-folder of " + folder.string() +
                                 " has a file of any lab, such as " +
                                 only.front()->gap().filename().string());

    std::vector<Submission> submissions;
    for (const auto& student : students)
        for (const Lab* lab : only) {
            if (!files.contains(lab) && only.size() > 1)
                continue;
            submissions.push_back(choose(student.filename().string(), *lab, files[lab][student]));
            if (fs::is_symlink(student))
                submissions.back().problem = "the folder is a symbolic link";
        }
    return submissions;
}

std::vector<fs::path> loose_files(const fs::path& folder) {
    std::vector<fs::path> files;
    for (const auto& entry : fs::directory_iterator(folder))
        if (!entry.is_directory())
            files.push_back(entry.path());
    std::sort(files.begin(), files.end());
    return files;
}

}  // namespace course::grading
