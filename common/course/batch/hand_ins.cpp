// Finds the students in folders, archives and exports.
#include <course/batch/hand_ins.hpp>

#include <algorithm>
#include <map>
#include <stdexcept>

#include <course/batch/archive.hpp>

namespace course::batch {

namespace fs = std::filesystem;

namespace {

constexpr const char* metadata_name = "submission_metadata.yml";

bool is_nobodys(const fs::path& name) {
    return name.string().starts_with('.') || name == "__MACOSX";
}

/// \p name without the endings of an archive.
std::string stem_of(fs::path name) {
    name = name.filename().replace_extension();
    return name.extension() == ".tar" ? name.stem().string() : name.string();
}

/// \p name, fit to be the name of a file.
std::string as_file_name(std::string name) {
    for (char& c : name)
        if (c == '/' || static_cast<unsigned char>(c) < ' ')
            c = '_';
    return name.empty() || name.front() == '.' ? "_" + name : name.substr(0, 200);
}

std::vector<fs::path> entries_of(const fs::path& folder) {
    std::vector<fs::path> entries;
    for (const auto& entry : fs::directory_iterator(folder))
        if (!is_nobodys(entry.path().filename()))
            entries.push_back(entry.path());
    std::sort(entries.begin(), entries.end());
    return entries;
}

class Collector {
  public:
    explicit Collector(const CollectOptions& options) : options_(options) {}

    Collection run(const std::vector<fs::path>& places) {
        if (places.size() > 1)
            for (const auto& place : places)
                add(place);
        else if (fs::is_directory(places.front()))
            add_class(places.front());
        else
            add_class_archive(places.front());
        if (students_.empty())
            throw std::runtime_error(
                places.front().string() +
                " has no sub-folders and no archives: one per student is expected");
        name_students();
        return std::move(collection_);
    }

  private:
    /// A student, found under one or more names.
    struct Student {
        Named named;
        HandIn hand_in;
        std::vector<fs::path> parts;
    };

    Student& student(const Named& named) {
        Student& found = students_[{named.name, named.id.empty() ? named.email : named.id}];
        found.named = named;
        found.hand_in.identity = {named.name, named.id, named.email};
        found.hand_in.marked_late = found.hand_in.marked_late || named.late;
        found.hand_in.handed_in = std::max(found.hand_in.handed_in, named.handed_in);
        return found;
    }

    std::optional<Named> by_pattern(const std::string& name) const {
        return options_.names ? options_.names->match(name) : std::nullopt;
    }

    std::optional<Named> by_file(const std::string& name) const {
        auto named = by_pattern(name);
        if (!named)
            named = named_by_file(name);
        if (named && named->file.empty())
            named->file = name;
        return named;
    }

    bool is_wanted(const fs::path& path) const {
        return options_.wanted.contains(path.filename().string());
    }

    void add_class_archive(const fs::path& archive) {
        if (!fs::is_regular_file(archive) || !is_archive(archive))
            throw std::runtime_error(archive.string() +
                                     " is neither a lab nor a folder of submissions nor an archive "
                                     "(.zip, .tar.gz) of them");
        export_ = options_.work / "export";
        fs::create_directories(export_);
        try {
            const auto wanted = [this](const fs::path& path) {
                return is_wanted(path) || is_archive(path) || is_foreign_archive(path) ||
                       path.filename() == metadata_name || by_file(path.filename().string());
            };
            refused_ = unpack(archive, export_, class_limits, wanted);
        } catch (const ArchiveError& error) {
            throw std::runtime_error(archive.string() + " " + error.what());
        }
        const fs::path top = below_wrappers(export_);
        if (is_one_students(top))
            add_folder(top, {.name = stem_of(archive)});
        else
            add_class(top);
        // What was refused is somebody's: the row says so.
        for (const auto& refused : refused_) {
            const fs::path place = export_ / refused.path;
            bool somebodys = false;
            for (auto& [key, one] : students_)
                for (const auto& part : one.parts)
                    if (const auto inside = place.lexically_relative(part);
                        !inside.empty() && *inside.begin() != "..") {
                        somebodys = true;
                        one.hand_in.problem = (inside == "." ? place.filename() : inside).string() +
                                              " " + refused.why;
                    }
            if (!somebodys)
                collection_.notes.push_back(refused.path.string() + " " + refused.why +
                                            ": it is left out");
        }
    }

    /// The folder in \p folder that holds everything, if the class was packed with a folder around it.
    fs::path below_wrappers(fs::path folder) const {
        for (;;) {
            const auto entries = entries_of(folder);
            if (entries.size() != 1 || !fs::is_directory(entries.front()) ||
                named_by_folder(entries.front().filename().string()) ||
                by_pattern(entries.front().filename().string()))
                return folder;
            const auto inner = entries_of(entries.front());
            const bool is_class =
                fs::exists(entries.front() / metadata_name) ||
                std::any_of(inner.begin(), inner.end(),
                            [this](const fs::path& one) {
                                const std::string name = one.filename().string();
                                return named_by_folder(name) || by_file(name);
                            }) ||
                std::count_if(inner.begin(), inner.end(), [this](const fs::path& one) {
                    return !is_wanted(one) && (fs::is_directory(one) || is_archive(one));
                }) > 1;
            if (!is_class || is_one_students(entries.front()))
                return folder;
            folder = entries.front();
        }
    }

    /// Whether what a lab asks for is directly in \p folder, or in a folder of the lab's name.
    bool is_one_students(const fs::path& folder) const {
        const auto entries = entries_of(folder);
        return std::any_of(entries.begin(), entries.end(), [this](const fs::path& entry) {
            static const std::regex lab_name(R"(\d\d-[a-z0-9-]+)");
            return fs::is_directory(entry) ? std::regex_match(entry.filename().string(), lab_name)
                                           : is_wanted(entry);
        });
    }

    void add_class(const fs::path& folder) {
        std::set<fs::path> known;
        if (fs::exists(folder / metadata_name)) {
            known.insert(folder / metadata_name);
            for (const auto& [name, submitters] : gradescope_submitters(folder / metadata_name)) {
                known.insert(folder / name);
                for (const auto& submitter : submitters)
                    add_folder(folder / name, submitter);
            }
        }
        for (const auto& entry : entries_of(folder))
            if (!known.contains(entry))
                add(entry);
    }

    /// A folder, an archive or a file that is a student's by its name.
    void add(const fs::path& place) {
        const std::string name = place.filename().string();
        if (fs::is_directory(place)) {
            auto named = by_pattern(name);
            if (!named)
                named = named_by_folder(name);
            return add_folder(place, named.value_or(Named{.name = name}));
        }
        if (const auto named = by_file(name)) {
            Student& owner = student(*named);
            owner.parts.push_back(place);
            return add_file(owner, place, named->file);
        }
        if (is_archive(place) || is_foreign_archive(place)) {
            Student& owner = student({.name = stem_of(place)});
            owner.parts.push_back(place);
            return add_file(owner, place, name);
        }
        collection_.notes.push_back(name + " lies beside the students' folders and is nobody's");
    }

    void add_folder(const fs::path& folder, const Named& named) {
        Student& owner = student(named);
        owner.parts.push_back(folder);
        if (fs::is_symlink(folder)) {
            owner.hand_in.problem = "the folder is a symbolic link";
            return;
        }
        if (!fs::is_directory(folder))
            return;  // Gradescope names it, but nothing was handed in
        std::error_code error;
        std::vector<fs::path> files;
        for (fs::recursive_directory_iterator at(folder, error), end; !error && at != end;
             at.increment(error))
            if (!at->is_directory() && !is_nobodys(at->path().filename()))
                files.push_back(at->path());
        if (error)
            owner.hand_in.problem = "the folder can't be read: " + error.message();
        std::sort(files.begin(), files.end());
        for (const auto& file : files)
            add_file(owner, file, file.lexically_relative(folder));
    }

    void add_file(Student& owner, const fs::path& place, const fs::path& name) {
        if (is_wanted(name))
            owner.hand_in.files.push_back({name, place});
        else if (is_archive(name))
            open_archive(owner.hand_in, place, name);
        else if (is_foreign_archive(name))
            owner.hand_in.problem = name.filename().string() +
                                    " is no archive that can be read: hand in a .zip or a .tar.gz";
    }

    void open_archive(HandIn& owner, const fs::path& place, const fs::path& name) {
        const std::string called = name.filename().string();
        if (!fs::is_regular_file(fs::symlink_status(place))) {
            owner.problem = called + " is not a regular file";
            return;
        }
        const fs::path folder = options_.work / "archives" / std::to_string(++archives_);
        fs::create_directories(folder);
        std::vector<fs::path> packed_again;
        try {
            const auto wanted = [&](const fs::path& path) {
                if (is_archive(path))
                    packed_again.push_back(path);
                return is_wanted(path);
            };
            const auto refused = unpack(place, folder, {}, wanted);
            if (!refused.empty())
                owner.problem =
                    called + ": " + refused.front().path.string() + " " + refused.front().why;
        } catch (const ArchiveError& error) {
            owner.problem = called + " " + error.what();
        }
        const std::size_t before = owner.files.size();
        for (const auto& entry : fs::recursive_directory_iterator(folder))
            if (entry.is_regular_file())
                owner.files.push_back({entry.path().lexically_relative(folder), entry.path()});
        if (owner.files.size() == before && owner.problem.empty() && !packed_again.empty())
            owner.problem = called + " holds another archive, " + packed_again.front().string() +
                            ": hand in the file itself";
    }

    void name_students() {
        std::map<std::string, int> taken;
        for (const auto& [key, one] : students_)
            ++taken[as_file_name(one.named.name)];
        std::set<std::string> given;
        for (auto& [key, one] : students_) {
            std::string name = as_file_name(one.named.name);
            if (taken[name] > 1 && !key.second.empty())
                name = as_file_name(one.named.name + " (" + key.second + ")");
            for (int more = 2; given.contains(name); ++more)
                name = as_file_name(one.named.name) + " (" + std::to_string(more) + ")";
            given.insert(name);
            one.hand_in.student = name;
            collection_.hand_ins.push_back(std::move(one.hand_in));
        }
        std::sort(collection_.hand_ins.begin(), collection_.hand_ins.end(),
                  [](const HandIn& a, const HandIn& b) { return a.student < b.student; });
    }

    const CollectOptions& options_;
    Collection collection_;
    std::map<std::pair<std::string, std::string>, Student> students_;
    fs::path export_;
    std::vector<Refused> refused_;
    int archives_ = 0;
};

}  // namespace

Collection collect(const std::vector<fs::path>& places, const CollectOptions& options) {
    for (const auto& place : places)
        if (!fs::exists(place))
            throw std::runtime_error(
                place.string() + " is neither a lab nor a folder of submissions: it is not there");
    return Collector(options).run(places);
}

}  // namespace course::batch
