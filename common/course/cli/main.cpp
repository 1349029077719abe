// ./course: the one command of the course. This file knows the command line, and nothing else.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <exception>
#include <set>

#include <course/cli/commands.hpp>
#include <course/reports/formats.hpp>

namespace {

using namespace course::cli;

int run_command_line(int argc, char* argv[]) {
    Session session = Session::begin();
    int status = success;

    CLI::App app{"Three Kitchens: twenty labs on processes, threads and coroutines.", "course"};
    app.require_subcommand(0, 1);
    app.footer("setup, doctor: the machine. `./course SUBCOMMAND --help` tells more about each.");
    bool yes = false;
    app.add_flag("--yes,-y", yes, "Answer yes to the set-up's questions (for scripts)");
    app.add_option("--jobs,-j", session.jobs, "Processes at once")->check(CLI::Range(1, 1024));
    app.fallthrough();
    const auto with_json = [&session](CLI::App* command) {
        command->add_flag("--json", session.json, "Print JSON");
        return command;
    };

    with_json(app.add_subcommand("list", "The scoreboard: labs, points, what to do next"))
        ->callback([&] { status = list(session); });

    std::string lab;
    std::vector<std::string> rest;
    auto* run_app = app.add_subcommand("run", "Build and run a lab's small program");
    run_app->add_option("lab", lab, "Number or name of the lab, such as 01");
    run_app->add_option("arguments", rest, "Passed on to the program");
    run_app->callback([&] { status = run(session, lab, rest); });

    GradeOptions grading;
    ClassOptions& a_class = grading.class_options;
    auto* grade_app = app.add_subcommand("grade", "Grade your work, or a class's submissions");
    grade_app->add_option("what", grading.what,
                          "A lab; or a folder or an archive with something for each student, or "
                          "several, each a student's; default: every lab");
    grade_app->add_option("--format", grading.format, "Print this instead of text")
        ->check(CLI::IsMember(course::reports::format_names()));
    grade_app->add_flag_callback(
        "--json", [&] { grading.format = "json", session.json = true; },
        "Print JSON; without a lab, the scoreboard's");
    grade_app->add_flag("--built", session.built)->group("");
    grade_app
        ->add_option("--file", grading.file,
                     "Of a lab, grade this file instead of the one in labs/")
        ->check(CLI::ExistingFile);
    auto* class_group = grade_app->add_option_group("A class");
    class_group->add_option("--report", a_class.report,
                            "Folder for the page, the gradebook, the feedback, and the journal, "
                            "from which an interrupted grading goes on");
    class_group->add_option("--lab", a_class.lab, "Grade only this lab");
    class_group->add_option("--roster", a_class.roster, "CSV file: who is in the class")
        ->check(CLI::ExistingFile);
    class_group->add_option("--names", a_class.names,
                            "How folders or files are named, such as '{login}_{id}_{file}'");
    class_group->add_option("--deadline", a_class.deadline, "Such as '2026-11-26 23:59'");
    class_group->add_option("--late", a_class.late,
                            "What it costs, such as '10% per day' or '5% per hour up to 50%'");
    class_group
        ->add_option("--grace", a_class.grace, "Minutes after the deadline that cost nothing")
        ->check(CLI::NonNegativeNumber);
    class_group->add_option("--engine", a_class.engine, "Where: local or slurm")
        ->check(CLI::IsMember({"local", "slurm"}));
    class_group->add_option(
        "--shared", a_class.shared,
        "Of slurm: a folder of its own that all nodes see; default: in the report folder");
    class_group->add_option("--chunk", a_class.chunk, "Of slurm: files of one task")
        ->check(CLI::PositiveNumber);
    class_group
        ->add_option("--sbatch", a_class.sbatch,
                     "Of slurm: one more option of sbatch, such as --sbatch=--partition=short")
        ->expected(1)
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
    class_group->add_flag("--no-sandbox", a_class.no_sandbox,
                          "Run everything as you, without a sandbox");
    grade_app->callback([&] {
        for (const auto* option : class_group->get_options())
            grading.has_class_options = grading.has_class_options || option->count() > 0;
        status = grade(session, grading);
    });

    std::string shared_folder, chunk;
    auto* chunk_app = app.add_subcommand("grade-chunk")->group("");
    chunk_app->add_option("folder", shared_folder)->required();
    chunk_app->add_option("chunk", chunk)->required();
    chunk_app->add_flag("--no-sandbox", a_class.no_sandbox);
    chunk_app->callback(
        [&] { status = grade_chunk(session, shared_folder, chunk, a_class.no_sandbox); });

    HintOptions hinting;
    auto* hint_app = app.add_subcommand("hint", "The next hint of an item, one at a time");
    hint_app->add_option("item", hinting.item, "The item, such as 02.1; or a lab")->required();
    hint_app->add_flag("--again", hinting.again, "Those that were shown already");
    hint_app->callback([&] { status = hint(session, hinting); });

    ReplayOptions replaying;
    auto* replay_app =
        app.add_subcommand("replay", "One case in the schedule that failed, step by step");
    replay_app->add_option("item", replaying.item, "The item, such as 03.2")->required();
    replay_app->add_option("--schedule", replaying.schedule, "What ./course grade printed");
    replay_app->add_option("--case", replaying.test_case, "Which case, if the item has several");
    replay_app->add_option("--file", replaying.file, "This file instead of the one in labs/")
        ->check(CLI::ExistingFile);
    replay_app->callback([&] { status = replay(session, replaying); });

    TimelineOptions drawing;
    auto* timeline_app =
        with_json(app.add_subcommand("timeline", "Who ran when, waited for whom, slept how long"));
    timeline_app->add_option("lab", drawing.lab, "The lab, or an item such as 02.1");
    timeline_app->add_option("scene", drawing.scene,
                             "A scene, a case or an item; default: all scenes");
    timeline_app->add_option("--file", drawing.file, "This file instead of the one in labs/")
        ->check(CLI::ExistingFile);
    timeline_app->add_option("--svg", drawing.svg, "Write an SVG to this file instead");
    timeline_app->add_flag("--pictures", drawing.pictures,
                           "Make the pictures that handouts and decks show");
    timeline_app->add_option("--stamp", drawing.stamp)->group("");
    timeline_app->add_flag("--built", session.built)->group("");
    timeline_app->callback([&] { status = timeline(session, drawing); });

    CheckOptions checking;
    auto* check_app =
        with_json(app.add_subcommand("check", "What the repository promises about itself"));
    check_app->add_option("labs", checking.labs, "Only these labs");
    check_app->add_flag("--quick", checking.quick, "Without the sanitizer builds");
    check_app->add_option(
        "--preset", checking.preset,
        "Only starters, solutions and a mutant for each item, in this preset's tree");
    check_app->add_option(
        "--stress", checking.stress,
        "Run each case of each solution so many times, half of them pinned to one core "
        "beside busy neighbours");
    check_app->add_option("--seeds", checking.seeds,
                          "Find each mutant of the simulated labs from so many other seeds");
    check_app->add_option("--schedules", checking.schedules,
                          "Run the solutions of the simulated labs in so many schedules");
    check_app->callback([&] { status = check(session, checking); });

    std::string folder;
    std::vector<std::string> published;
    auto* publish_app = app.add_subcommand("publish", "Make the student repository");
    publish_app->add_option("folder", folder, "Where to; it must be empty or absent")->required();
    publish_app->add_option("--lab", published, "Only these labs");
    publish_app->add_flag("--built", session.built)->group("");
    publish_app->callback([&] { status = publish(session, folder, published); });

    std::string platform;
    auto* export_app =
        app.add_subcommand("export", "Make the autograder for Gradescope, Autolab or GitHub");
    export_app->add_option("platform", platform, "Which one")
        ->required()
        ->check(CLI::IsMember(platforms()));
    export_app->add_option("folder", folder, "Where to; it must be empty or absent")->required();
    export_app->add_option("--lab", published, "Only these labs");
    export_app->add_flag("--built", session.built)->group("");
    export_app->callback([&] { status = export_to(session, platform, folder, published); });

    bool walls = false;
    auto* doctor_app = app.add_subcommand("doctor", "With --sandbox: try each wall of the sandbox");
    doctor_app->add_flag("--sandbox", walls)->required();
    doctor_app->callback([&] { status = try_walls(session); });

    app.add_subcommand("test", "Everything this project tests")->callback([&] {
        status = test(session);
    });
    app.add_subcommand("docs", "Build the documentation")->callback([&] {
        status = docs(session);
    });
    app.add_subcommand("slides", "Build the slides")->callback([&] { status = slides(session); });

    BenchOptions benchmark;
    auto* bench_app = with_json(app.add_subcommand("bench", "Measure, A and B in turn in one run"));
    std::string about_benchmarks;
    std::set<std::string> names_of_benchmarks;
    for (const auto& [name, about] : benchmarks()) {
        about_benchmarks += (about_benchmarks.empty() ? "" : "; ") + name + ": " + about;
        names_of_benchmarks.insert(name);
    }
    bench_app->add_option("what", benchmark.what, about_benchmarks)
        ->required()
        ->check(CLI::IsMember(names_of_benchmarks));
    bench_app->add_option("--lab", benchmark.lab, "The lab to measure with")->default_val("08");
    bench_app->add_option("--rounds", benchmark.rounds, "How many")->check(CLI::Range(1, 10000));
    bench_app->add_option("--seed", benchmark.seed, "Of choosing: which workloads are drawn");
    bench_app->add_option("--report", benchmark.report, "Folder for the files of the report");
    bench_app->callback([&] { status = bench(session, benchmark); });

    try {
        app.parse(argc, argv);
        if (app.get_subcommands().empty())
            status = list(session);
    } catch (const CLI::ExtrasError& error) {
        if (app.get_subcommands().empty())
            std::fprintf(stderr,
                         "course: there is no subcommand %s; did you mean `./course grade %s`? "
                         "`./course --help` lists all\n",
                         argv[1], argv[1]);
        else
            std::fprintf(stderr, "course: %s; see `./course %s --help`\n", error.what(), argv[1]);
        return failure;
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? success : failure;
    }
    return status;
}

}  // namespace

int main(int argc, char* argv[]) {
    try {
        return run_command_line(argc, argv);
    } catch (const std::exception& error) {
        std::fflush(stdout);
        std::fprintf(stderr, "course: %s\n", error.what());
        return failure;
    }
}
