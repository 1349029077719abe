// Writes every format of a class.
#include <course/reports/report_folder.hpp>

#include <fstream>
#include <stdexcept>

namespace course::reports {

namespace fs = std::filesystem;

void prepare_reports(const fs::path& folder) {
    std::error_code error;
    fs::create_directories(folder / "feedback", error);
    if (error || !std::ofstream(folder / "gradebook.csv", std::ios::app))
        throw std::runtime_error("cannot write a report into " + folder.string() +
                                 (error ? ": " + error.message() : ""));
}

void write_reports(const fs::path& folder, const Rows& rows, const ClassBackground& background) {
    using grading::write_whole;
    write_whole(folder / "gradebook.csv", to_csv(rows));
    write_whole(folder / "report.json", to_json(rows, background.hints));
    write_whole(folder / "junit.xml", to_junit(rows, background.hints));
    write_whole(folder / "report.html", to_html(rows, background));
    for (const auto& row : rows)
        write_whole(folder / "feedback" / (row.student + ".txt"), feedback(row, background.hints));
}

}  // namespace course::reports
