# What ./course can do, said before anything is built.
# shellcheck shell=bash

print_help() {
    cat <<'END'
./course [--yes] [COMMAND] [ARGUMENTS]

For a student
  ./course               the labs, your points, what to do next
  ./course run 01        build and run the small program of lab 01
  ./course grade 01      grade your work on lab 01, item by item (no number: every lab)
  ./course timeline 02   who ran when in your work on lab 02, who waited for whom, slept how long

For an instructor or an author
  ./course grade DIR     grade a folder or an archive of submissions, here or on a cluster
  ./course check         prove what the course promises about its starters, solutions and mutants
  ./course publish DIR   write the repository that students get
  ./course export PLATFORM DIR   the autograder for gradescope, autolab or github
  ./course test          everything this project tests
  ./course bench         what one edit costs
  ./course docs          the documentation
  ./course slides        the slides, as HTML and PDF

For this machine
  ./course doctor        what is found, what is missing, how to get it  [--json] [--group GROUP]
  ./course doctor --sandbox  tries each wall of the sandbox that folders of submissions are graded in
  ./course setup         install what is missing  [core|site|instructor|cluster]

The first command that needs it asks before it installs what is missing, and builds the course
program. --yes, or COURSE_YES=1, answers yes to every question. CXX names the compiler to use.
END
}
