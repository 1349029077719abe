// Grades in one tree, with one grader per lab.
#include <course/checking/batch.hpp>

#include <utility>

namespace course::checking {

namespace fs = std::filesystem;
using namespace grading;

Batch::Batch(fs::path tree, int jobs, BatchOptions options)
    : tree_(std::move(tree)), options_(std::move(options)), queue_(jobs) {}

void Batch::add(const LabProof& proof, const fs::path& source, const std::string& work,
                std::function<void(LabResult)> done) {
    grader(proof).grade_again(source, folder(proof, work), std::move(done));
}

void Batch::add_solution(const LabProof& proof, std::function<void(LabResult)> done) {
    add(proof, proof.lab->solution() / proof.lab->gap().filename(), "solution", std::move(done));
}

void Batch::repeat_solution(const LabProof& proof, std::function<void(LabResult)> done) {
    grader(proof).run_cases(folder(proof, "solution"), std::move(done));
}

void Batch::repeat_case(const LabProof& proof, const std::string& work,
                        const RubricCase& rubric_case, std::function<void(CaseResult)> done) {
    grader(proof).run_case(folder(proof, work), rubric_case, std::move(done));
}

fs::path Batch::folder(const LabProof& proof, const std::string& work) const {
    return tree_ / "work" / proof.lab->name / "check" / work;
}

Grader& Batch::grader(const LabProof& proof) {
    auto& grader = graders_[proof.lab->name];
    if (!grader) {
        Recipe recipe(tree_, proof.lab->name);
        GraderOptions options{case_limits(recipe), options_.environment};
        options.limits.processor = options_.processor;
        options.limits.cpu = options_.time.value_or(options.limits.cpu);
        if (options_.time)
            options.limits.wall = *options_.time;
        grader = std::make_unique<Grader>(std::move(recipe), proof.rubric, queue_, options);
    }
    return *grader;
}

}  // namespace course::checking
