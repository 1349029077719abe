#!/usr/bin/env bash
# Grades the one file that was handed in: first the feedback, then the line of JSON that Autolab reads.
#
# What the submission prints is kept by the grader and never comes here as it is, so no line of it can be the last one.
# A sandbox of ours can't be had in Tango's container; the container itself is the wall to the outside.
set -euo pipefail
course=${COURSE_ROOT:-/opt/three-kitchens/course}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/class/student"
find . -maxdepth 1 -type f -name '*.cpp' -exec cp -P {} "$work/class/student/" \;
status=0
COURSE_ROOT=$course "$course/build/dev/bin/course-cli" grade "$work/class" --built --no-sandbox --jobs 1 \
    --report "$work/report" --format autolab >"$work/line" || status=$?
if ((status > 1)); then exit "$status"; fi
cat "$work"/report/feedback/*.txt
tail -n 1 "$work/line"
