#!/usr/bin/env bash
# Gradescope runs this as root when it builds the autograder's image, with the zip unpacked in /autograder/source.
set -euo pipefail
exec "$(dirname "${BASH_SOURCE[0]}")/prepare.sh"
