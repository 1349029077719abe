#!/usr/bin/env bash
# Puts Catch2 3 beside a system that has Catch2 2: fetch_catch2_v3.sh BUILD_DIR
#
# The package comes from the backports of this Debian (a later release's would need a later
# libstdc++) and is unpacked into BUILD_DIR/catch2-v3-package. apt works in a folder of its own
# there: the system's sources, lists and packages stay as they are, and root is not needed.
#
# Exits with 0 if Catch2 3 is there, in BUILD_DIR or in the system; with 3, and the reason, if it
# cannot be had.
set -eu

COURSE_ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
source "$COURSE_ROOT/common/setup/machine.sh"

skip() {  # REASON
    echo "skipped: $*"
    exit 3
}

if [[ $# != 1 ]]; then stop "usage: fetch_catch2_v3.sh BUILD_DIR"; fi
mkdir -p "$1"
result=$(cd "$1" && pwd)/catch2-v3-package

version=''
if probe_header catch2/catch_version_macros.hpp CATCH_VERSION_MAJOR; then
    echo "The system's Catch2 is $version already: nothing to fetch."
    exit
fi
if [[ -e $result/usr/include/catch2/catch_version_macros.hpp ]]; then
    echo "Catch2 3 is in $result already."
    exit
fi
if ! type -P apt-get >/dev/null; then skip "this system has no apt-get to get Catch2 3 with"; fi

# apt itself reads its sources, in whichever of its formats they are written.
codename=$(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release)
mirrors=$(apt-get update --print-uris |
    sed -n "s,^'\(.*\)/dists/$codename/main/binary-.*,\1,p" | sort -u)
if [[ -z $mirrors ]]; then skip "apt's sources name no mirror for the main part of '$codename'"; fi

private=$result.apt
rm -rf "$private" "$result"
mkdir -p "$private"/{lists,archives,unpacked}/partial
trap 'rm -rf "$private"' EXIT
cd "$private"

private_apt() {
    apt-get -q -o Dir::State::Lists="$private/lists" -o Dir::Cache="$private" \
        -o Dir::Etc::SourceList="$private/sources.list" -o Dir::Etc::SourceParts=/dev/null \
        -o APT::Sandbox::User="$(id -un)" -o APT::Update::Error-Mode=any "$@" >log 2>&1
}

# Another project's mirror may serve a suite of this name too, but without backports.
found=
for mirror in $mirrors; do
    echo "deb $mirror $codename-backports main" >sources.list
    if private_apt update; then
        found=1
        break
    fi
done
if [[ -z $found ]]; then
    skip "$codename-backports cannot be read: $(grep -m 1 -E '^(Err|E|W)' log)"
fi
if ! private_apt download "libcatch2-dev/$codename-backports"; then
    skip "$codename-backports has no libcatch2-dev that can be downloaded: $(tail -n 1 log)"
fi
dpkg -x libcatch2-dev_*.deb unpacked
rm -d unpacked/partial
if [[ ! -e unpacked/usr/include/catch2/catch_version_macros.hpp ]]; then
    skip "libcatch2-dev in $codename-backports is not version 3: $(echo libcatch2-dev_*.deb)"
fi
mv unpacked "$result"
echo "Catch2 3 is in $result ($(echo libcatch2-dev_*.deb))."
