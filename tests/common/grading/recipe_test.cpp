// When a graded program has to be built again.
#include <unistd.h>

#include <chrono>
#include <course/grading/recipe.hpp>
#include <course/testing/testing.hpp>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

namespace fs = std::filesystem;
using course::grading::Recipe;

TEST_CASE("a program is built again when one of its inputs is newer") {
    const fs::path folder = fs::current_path() / ("recipe." + std::to_string(getpid()));
    fs::create_directories(folder / "labs/01-soup");
    const auto start = fs::file_time_type::clock::now() - std::chrono::hours(1);
    const auto write = [&](const std::string& name, int minute) {
        std::ofstream(folder / name, std::ios::app) << "\n";
        fs::last_write_time(folder / name, start + std::chrono::minutes(minute));
    };
    std::ofstream(folder / "labs/01-soup/recipe.json")
        << nlohmann::json{{"lab", "01-soup"},
                          {"gap", "soup.cpp"},
                          {"sanitize", ""},
                          {"simulated", false},
                          {"compile", {"c++", "-I" + folder.string()}},
                          {"link", {"c++", (folder / "test.o").string()}},
                          {"libraries", {(folder / "library.a").string()}}};
    write("labs/01-soup/recipe.json", 0);
    for (const char* input : {"soup.cpp", "soup.hpp", "test.o", "library.a"})
        write(input, 0);
    const Recipe recipe(folder, "01-soup");
    CHECK_FALSE(recipe.is_fresh(folder / "program", folder / "soup.cpp"));
    write("program", 10);
    CHECK(recipe.is_fresh(folder / "program", folder / "soup.cpp"));
    for (const char* input : {"soup.cpp", "soup.hpp", "test.o", "library.a"}) {
        write(input, 20);
        CHECK_FALSE(recipe.is_fresh(folder / "program", folder / "soup.cpp"));
        write(input, 0);
    }
    CHECK(recipe.is_fresh(folder / "program", folder / "soup.cpp"));
    fs::remove_all(folder);
}
