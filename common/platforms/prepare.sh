#!/usr/bin/env bash
# Everything slow, once, when a platform builds its image: sets the machine up, builds what grading needs, and
# takes the text of the tests away. Afterwards a submission costs a compile, a link and the cases.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/course"

export COURSE_YES=1
./course list
for lab in labs/*/; do
    name=$(basename "$lab")
    # The starter has no points: exit status 1 says that it was graded.
    ./course grade "${name%%-*}" || (($? == 1))
done

# They are compiled. What is left of them, a submission could only find in object files.
rm -rf tests/*/*.[ch]pp tests/*/hidden
chmod -R go-w,a+rX .
