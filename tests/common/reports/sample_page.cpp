// Writes the page of a class of sixty for the browser test: report-sample-page FILE.
#include <fmt/format.h>

#include <cstdio>

#include "sample_class.hpp"

int main(int argc, char* argv[]) {
    using course::grading::Verdict;
    if (argc != 2)
        return std::fputs("report-sample-page FILE\n", stderr), 2;
    course::reports::Rows rows = sample_class();
    course::reports::ClassBackground background = sample_background();
    auto& sources = background.labs["02-join-pitfalls"].sources;
    for (int i = 0; i < 49; ++i) {
        const auto is_right = [i](int k) { return i % k == 0 ? Verdict::wrong : Verdict::pass; };
        rows.push_back({fmt::format("student {:02}", i),
                        {sample_result({is_right(3), is_right(4), is_right(5)})}});
        sources[rows.back().student] = fmt::format("void all() {{\n    start({});\n}}\n", i);
    }
    // A pair with the same work, and a second lab.
    std::string same = "void all() {\n";
    for (int i = 0; i < 12; ++i)
        same += fmt::format(
            "    if (a{0} > {0}) b{0}(c * {0}); else d{0} = e - {0};\n    while (f) --g[{0}];\n",
            i);
    sources["student 07"] = sources["student 08"] = same + "}\n";
    for (auto& row : rows) {
        auto second = row.labs[0];
        second.rubric.lab = "03-shared-state";
        second.rubric.title = "Shared state";
        row.labs.push_back(second);
    }
    course::grading::write_whole(argv[1], course::reports::to_html(rows, background));
}
