#!/usr/bin/env bash
# Grades starters, solutions and a mutant for each item with Catch2 3, fetched into the build tree where the system has Catch2 2.
set -eu

cd "$(dirname "$0")/../.."
status=0
common/setup/fetch_catch2_v3.sh build || status=$?
if [[ $status == 3 ]]; then exit; fi  # it has said "skipped" and why
if [[ $status != 0 ]]; then exit "$status"; fi
if [[ ! -d build/catch2-v3-package ]]; then
    echo "skipped: the system's Catch2 is 3, so the other tests have used it already"
    exit
fi
exec ./course check --preset catch2-v3
