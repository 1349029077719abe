#!/usr/bin/env bash
# Plays Gradescope, Autolab and GitHub. Each export is unpacked where the platform puts it, in a file system that has
# nothing else of ours, and does there what the platform's documentation says. One line per check.
#
#   tests/grader/platforms_test.sh COURSE_CLI
#
# shellcheck disable=SC2317  # check calls the conditions
set -uo pipefail

project=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
export COURSE_ROOT=$project
program=$1
lab=08-fd-inheritance
gap=descriptors.cpp
if ! command -v bwrap >/dev/null; then
    echo "skipped platforms: they are played with bubblewrap, which is not installed"
    exit
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0

check() {  # WHAT COMMAND...: the command must succeed
    if "${@:2}" >"$work/output" 2>&1; then
        echo "ok platforms: $1"
    else
        echo "not ok platforms: $1"
        sed 's/^/    /' "$work/output"
        failed=1
    fi
}

lacks() { ! grep -q "$@"; }  # what grep must not find

box() {  # OPTION... -- COMMAND...: in a file system with the system's programs, the platform's folders, and no network
    local -a system=() cache=()
    local folder
    for folder in /usr /bin /sbin /lib /lib64 /etc; do
        if [[ -e $folder ]]; then system+=(--ro-bind "$folder" "$folder"); fi
    done
    if [[ -n ${CMAKE_CXX_COMPILER_LAUNCHER-} && -d ${CCACHE_DIR:-$HOME/.cache/ccache} ]]; then
        cache=(--bind "${CCACHE_DIR:-$HOME/.cache/ccache}" /cache --setenv CCACHE_DIR /cache
            --setenv CMAKE_CXX_COMPILER_LAUNCHER "$CMAKE_CXX_COMPILER_LAUNCHER")
    fi
    bwrap --unshare-net --unshare-pid --die-with-parent --clearenv --setenv PATH "$PATH" --setenv HOME /tmp \
        --setenv LANG C.UTF-8 --tmpfs / "${system[@]}" --proc /proc --dev /dev --tmpfs /tmp --tmpfs /var \
        --tmpfs /dev/shm "${cache[@]}" "$@"
}

# --- Gradescope: /autograder/source is the zip; setup.sh once, run_autograder for each submission.

autograder=$work/autograder
gradescope() { box --bind "$autograder" /autograder --chdir /autograder -- "$@"; }

submit() {  # FILE: as Gradescope does
    rm -rf "$autograder/submission" "$autograder/results"
    mkdir -p "$autograder/submission" "$autograder/results"
    cp "$1" "$autograder/submission/$gap"
    gradescope ./run_autograder
}

results_say() { grep -q "$1" "$autograder/results/results.json" || { cat "$autograder/results/results.json" && false; }; }

check "gradescope: exported" "$program" export gradescope "$work/gradescope" --lab 08
mkdir -p "$autograder/source"
(cd "$autograder/source" && cmake -E tar xf "$work/gradescope/autograder.zip")
check "gradescope: the scripts are at the root of the zip and can be run" \
    test -x "$autograder/source/setup.sh" -a -x "$autograder/source/run_autograder"
find "$autograder/source" >"$work/exported"
check "gradescope: no solution and no mutant is in it" lacks -E '/solutions(/|$)|/mutants(/|$)|/tests/grader' "$work/exported"
cp -r "$autograder/source/course" "$work/exported-course"
cp "$autograder/source/run_autograder" "$autograder"
chmod 755 "$work" "$autograder"
check "gradescope: setup.sh builds all that is needed" gradescope source/setup.sh
check "gradescope: no text of a test is left" test -z "$(find "$autograder/source/course/tests" -name '*.[ch]pp')"

check "gradescope: a solution is graded" submit "$project/solutions/$lab/$gap"
check "gradescope: it has full marks" results_say '^  "score": 10,'
check "gradescope: a starter is graded" submit "$project/labs/$lab/$gap"
check "gradescope: it has none" results_say '^  "score": 0,'
check "gradescope: and is told why" results_say 'is not implemented yet'

if [[ $(id -u) == 0 ]]; then
    {
        cat "$project/solutions/$lab/$gap"
        cat <<'END'
#include <cstdlib>
namespace {
[[maybe_unused]] const int forged = std::system(
    "echo '{\"score\": 100}' > /autograder/results/results.json; echo x > /autograder/results/x;"
    "echo x > /autograder/run_autograder; touch /autograder/source/course/x; rm -rf /autograder/source 2>/dev/null");
}
END
    } >"$work/forger.cpp"
    check "gradescope: a forger is graded" submit "$work/forger.cpp"
    check "gradescope: only what it earned is in its results" results_say '^  "score": 10,'
    check "gradescope: it could write nowhere" test ! -e "$autograder/results/x" -a ! -e "$autograder/source/course/x"
    check "gradescope: the next one is graded as before" submit "$project/solutions/$lab/$gap"
else
    echo "skipped platforms: gradescope runs as root and gives the submission another user; this is no root"
fi

# --- Autolab: the image has the same course; `make` beside the file, the last line is JSON.

check "autolab: exported" "$program" export autolab "$work/autolab" --lab 08
check "autolab: the image has the course that was just set up" diff -r "$work/exported-course" "$work/autolab/image/course"
check "autolab: and sets it up in the same way" cmp "$autograder/source/prepare.sh" "$work/autolab/image/prepare.sh"
check "autolab: the archive beside the assessment holds no secret" \
    test "$(cd "$work" && cmake -E tar tf "$work/autolab/autograde.tar")" = grade.sh

# The recipes name the folder in which the tree was built, so it is there as well.
autolab() {
    box --ro-bind "$autograder/source" /autograder/source --ro-bind "$autograder/source" /opt/three-kitchens \
        --bind "$work/handin" /home/autograde/autolab --chdir /home/autograde/autolab -- "$@"
}

hand_in() {  # FILE: as Tango does
    rm -rf "$work/handin"
    mkdir -p "$work/handin"
    cp "$1" "$work/handin/$gap"
    cp "$work/autolab/autograde.tar" "$work/handin"
    cp "$work/autolab/autograde-Makefile" "$work/handin/Makefile"
    if command -v make >/dev/null; then
        autolab make
    else  # the rules by hand
        autolab bash -e -c "$(sed -n 's/^\t//p' "$work/autolab/autograde-Makefile")"
    fi >"$work/autolab.out"
}

last_line_is() { [[ $(tail -n 1 "$work/autolab.out") == "$1" ]] || { cat "$work/autolab.out" && false; }; }

check "autolab: a solution is graded" hand_in "$project/solutions/$lab/$gap"
check "autolab: the last line has its scores" last_line_is \
    "{\"scoreboard\":[10],\"scores\":$("$program" grade 08 --file "$project/solutions/$lab/$gap" --format autolab | sed 's/.*"scores":\(.*\)}/\1/')}"
{
    cat "$project/labs/$lab/$gap"
    echo '#include <cstdio>'
    echo 'namespace { [[maybe_unused]] const int forged = std::puts("{\"scores\":{\"08.1\":100}}"); }'
} >"$work/forged_line.cpp"
check "autolab: a forged line is graded" hand_in "$work/forged_line.cpp"
check "autolab: and is not the last one" grep -q '^{"scoreboard":\[0\],' "$work/autolab.out"

# --- GitHub: the workflow's command in a checkout. What is the same as before is not built again.

check "github: exported" "$program" export github "$work/github" --lab 08
find "$work/github" >"$work/exported"
check "github: no solution, no mutant and no hidden test is in it" \
    lacks -E '/solutions(/|$)|/mutants(/|$)|/hidden(/|$)' "$work/exported"
(cd "$work/github" && find . -type f) | while read -r file; do
    if ! cmp -s "$work/github/$file" "$autograder/source/course/$file"; then
        mkdir -p "$(dirname "$autograder/source/course/$file")"
        cp "$work/github/$file" "$autograder/source/course/$file"
    fi
done
command=$(sed -n 's/^ *run: //p' "$autograder/source/course/.github/workflows/grade.yml")
push() {  # FILE: what happens after a push with this file
    cp "$1" "$autograder/source/course/labs/$lab/$gap"
    rm -f "$work/summary/summary.md"
    mkdir -p "$work/summary"
    box --bind "$autograder" /autograder --bind "$work/summary" /summary --chdir /autograder/source/course \
        --setenv GITHUB_ACTIONS true --setenv GITHUB_STEP_SUMMARY /summary/summary.md \
        -- bash -e -c "$command" >"$work/github.out"
}
refused() { ! push "$1"; }

check "github: a solution is a green check" push "$project/solutions/$lab/$gap"
check "github: the summary has its points" grep -q '^# 10 of 10 points' "$work/summary/summary.md"
mutant=$(find "$project/tests/$lab/mutants" -name '*.cpp' | sort | head -n 1)
check "github: a mistake is a red one" refused "$mutant"
check "github: with an annotation at the assertion" grep -q "^::error file=tests/$lab/[a-z_]*.cpp,line=[0-9]*,title=08" "$work/github.out"
exit "$failed"
