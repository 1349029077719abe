// The pictures of who ran when: which ones handouts and decks show, and what they must look like.
#pragma once

#include <course/grading/contained_process.hpp>
#include <course/grading/lab.hpp>
#include <course/grading/rubric.hpp>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace course::checking {

/// A picture in labs/NN-topic/timelines, as a text refers to it: `timelines/SCENE.svg` is the scene
/// with the solution, `timelines/SCENE--MUTANT.svg` with that mutant.
struct Picture {
    /// Its file name without `.svg`.
    std::string name;
    /// The scene, as `file_name_of` writes it.
    std::string scene;
    /// The mutant's name; empty for the solution.
    std::string mutant;
    /// The file that refers to it, from the course's root.
    std::string referrer;
};

/// The pictures of \p lab that its handout, a deck or a page of the docs refers to, by name.
std::vector<Picture> pictures_referred_to(const grading::Lab& lab);

/// What drawing came to.
struct DrawnPictures {
    /// SVG by name of the picture.
    std::map<std::string, std::string> drawn;
    /// What can't be drawn, and why, in sentences.
    std::vector<std::string> problems;
};

/// Draw \p pictures of \p lab.
/// \param program  gives the lab's test program with that mutant, or with the solution for "".
/// \param jobs     processes at once.
DrawnPictures draw(const grading::Lab& lab, const grading::Rubric& rubric,
                   const std::vector<Picture>& pictures,
                   const std::function<std::filesystem::path(const std::string& mutant)>& program,
                   const grading::Limits& limits, int jobs);

/// Where the pictures of \p lab are.
std::filesystem::path folder_of_pictures(const grading::Lab& lab);

/// How the committed pictures of \p lab differ from \p pictures, in sentences; empty if they don't.
std::vector<std::string> problems_with_pictures(const grading::Lab& lab,
                                                const DrawnPictures& pictures);

/// Make the pictures of \p lab what they must be: write what differs, delete what nobody refers to.
/// \return  the files that changed.
std::vector<std::filesystem::path> update(const grading::Lab& lab, const DrawnPictures& pictures);

}  // namespace course::checking
