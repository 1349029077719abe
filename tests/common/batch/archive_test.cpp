// Archives that students and their enemies pack.
#include <algorithm>
#include <course/batch/archive.hpp>
#include <course/testing/testing.hpp>
#include <fstream>

#include "pack.hpp"

using namespace course::batch;
using course::batch::tests::pack;
using course::batch::tests::Packed;
using course::testing::ContainsSubstring;
using course::testing::contents;
using course::testing::TemporaryFolder;

namespace {

namespace fs = std::filesystem;

/// Everything is wanted.
bool all(const fs::path&) {
    return true;
}

/// The files below \p folder, by their path in it.
std::vector<std::string> files_in(const fs::path& folder) {
    std::vector<std::string> files;
    if (fs::exists(folder))
        for (const auto& entry : fs::recursive_directory_iterator(folder))
            if (!entry.is_directory())
                files.push_back(entry.path().lexically_relative(folder).string());
    std::sort(files.begin(), files.end());
    return files;
}

/// Pack \p entries in both formats, and let \p check look at each.
template <class Check>
void in_both_formats(const std::vector<Packed>& entries, Check check) {
    for (const char* name : {"work.zip", "work.tar.gz"}) {
        const TemporaryFolder folder;
        pack(folder.file(name), entries);
        INFO(name);
        check(fs::path(folder.file(name)), folder.path() / "out");
        // Whatever it was, nothing is beside the folder it was unpacked to.
        std::vector<std::string> beside = files_in(folder.path());
        std::erase_if(beside, [](const std::string& file) { return file.starts_with("out/"); });
        CHECK(beside == std::vector<std::string>{name});
    }
}

}  // namespace

TEST_CASE("an archive is unpacked with its folders, and names of any script are kept") {
    in_both_formats({{"a.cpp", "a"},
                     {"./my work/答案.cpp", "b"},
                     {"my work", "", AE_IFDIR},
                     {"c\\d.cpp", "c"},
                     {"\"; rm -rf *.cpp", "d"}},
                    [](const fs::path& archive, const fs::path& out) {
                        CHECK(unpack(archive, out, {}, all).empty());
                        CHECK(files_in(out).size() == 4);
                        CHECK(contents(out / "a.cpp") == "a");
                        CHECK(contents(out / "my work" / "答案.cpp") == "b");
                    });
}

TEST_CASE("only what is wanted is written") {
    in_both_formats({{"a.cpp", "a"}, {"b.pdf", "b"}}, [](const fs::path& archive,
                                                         const fs::path& out) {
        unpack(archive, out, {}, [](const fs::path& path) { return path.extension() == ".cpp"; });
        CHECK(files_in(out) == std::vector<std::string>{"a.cpp"});
    });
}

TEST_CASE("a path that leads out of an archive is refused") {
    for (const char* path : {"../evil.cpp", "a/../../evil.cpp", "/tmp/evil.cpp"})
        in_both_formats({{path, "evil"}}, [](const fs::path& archive, const fs::path& out) {
            CHECK_THROWS_AS(unpack(archive, out, {}, all), ArchiveError);
            CHECK(files_in(out).empty());
        });
}

TEST_CASE("links and pipes in an archive are not made, and named") {
    const TemporaryFolder folder;
    pack(folder.file("work.tar.gz"), {{"passwords.cpp", "/etc/passwd", AE_IFLNK},
                                      {"up", "..", AE_IFLNK},
                                      {"up/evil.cpp", "evil"},
                                      {"again.cpp", "/etc/passwd", AE_IFREG, true},
                                      {"pipe", "", AE_IFIFO},
                                      {"fine.cpp", "fine"}});
    const auto refused = unpack(folder.file("work.tar.gz"), folder.path() / "out", {}, all);
    std::vector<std::string> why;
    for (const auto& one : refused)
        why.push_back(one.path.string() + " " + one.why);
    CHECK(why == std::vector<std::string>{"passwords.cpp is a symbolic link",
                                          "up is a symbolic link", "again.cpp is a hard link",
                                          "pipe is a FIFO"});
    CHECK(files_in(folder.path() / "out") == std::vector<std::string>{"fine.cpp", "up/evil.cpp"});
    CHECK_FALSE(fs::exists(folder.path() / "evil.cpp"));
}

TEST_CASE("a bomb is put out before it has filled anything") {
    const std::string zeros(std::size_t{3} << 20, '\0');
    in_both_formats({{"big.cpp", zeros}, {"small.cpp", "small"}}, [](const fs::path& archive,
                                                                     const fs::path& out) {
        const auto refused = unpack(archive, out, {}, all);
        REQUIRE(refused.size() == 1);
        CHECK(refused[0].why == "is larger than 1 MiB");
        CHECK(files_in(out) == std::vector<std::string>{"small.cpp"});
        // Together they are too much, although nobody wants them.
        ArchiveLimits limits;
        limits.total = std::uintmax_t{2} << 20;
        CHECK_THROWS_WITH(unpack(archive, out, limits, [](const fs::path&) { return false; }),
                          ContainsSubstring("holds more than 2 MiB"));
        limits.entries = 1;
        limits.total = std::uintmax_t{1} << 30;
        CHECK_THROWS_WITH(unpack(archive, out / "more", limits, all),
                          ContainsSubstring("more than 1 files"));
    });
}

TEST_CASE("an archive that is encrypted or cut off or no archive at all is an error in words") {
    const TemporaryFolder folder;
    pack(folder.file("secret.zip"), {{"a.cpp", "a"}}, "password");
    CHECK_THROWS_WITH(unpack(folder.file("secret.zip"), folder.path() / "out", {}, all),
                      ContainsSubstring("without a password"));
    pack(folder.file("whole.tar.gz"), {{"a.cpp", std::string(100'000, 'a')}});
    std::ofstream(folder.file("cut.tar.gz"), std::ios::binary)
        << contents(folder.file("whole.tar.gz")).substr(0, 60);
    std::ofstream(folder.file("essay.zip")) << "This is no archive.";
    for (const char* name : {"cut.tar.gz", "essay.zip"}) {
        INFO(name);
        CHECK_THROWS_AS(unpack(folder.file(name), folder.path() / "out", {}, all), ArchiveError);
    }
}

TEST_CASE("two files of one name in an archive are refused, so nobody has to guess") {
    in_both_formats({{"a.cpp", "first"}, {"./a.cpp", "second"}},
                    [](const fs::path& archive, const fs::path& out) {
                        CHECK_THROWS_WITH(unpack(archive, out, {}, all),
                                          ContainsSubstring("two files of one name, a.cpp"));
                    });
}

TEST_CASE("a name that no file can have is left out and named") {
    in_both_formats({{"a", "a"}, {"a/b.cpp", "b"}, {std::string(300, 'x') + ".cpp", "c"}},
                    [](const fs::path& archive, const fs::path& out) {
                        const auto refused = unpack(archive, out, {}, all);
                        REQUIRE(refused.size() == 2);
                        CHECK(refused[0].why == "has a name that can't be used");
                        CHECK(files_in(out) == std::vector<std::string>{"a"});
                    });
}

TEST_CASE("an archive is known by its name") {
    CHECK(is_archive("Work.ZIP"));
    CHECK(is_archive("a/b.tar.gz"));
    CHECK_FALSE(is_archive("b.rar"));
    CHECK(is_foreign_archive("b.rar"));
    CHECK_FALSE(is_foreign_archive("b.tar.gz"));
    CHECK_FALSE(is_archive("zip"));
}
