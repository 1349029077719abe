#!/usr/bin/env bash
# Tests of ./course as far as the shell goes: on machines made of a folder of fake tools and files.
#
# Needs no network, changes nothing on this machine. Prints `ok NAME` or `not ok NAME: why`.
# shellcheck disable=SC2317  # expect calls the conditions
set -u

project=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0 name='' why=''

scenario() {  # NAME: ends the scenario before it
    finish
    name=$1 why=''
}

finish() {
    if [[ -z $name ]]; then return; fi
    if [[ -z $why ]]; then
        echo "ok $name"
    else
        echo "not ok $name: $why"
        failed=1
    fi
}

expect() {  # WHAT CONDITION...: WHAT is said if the condition does not hold
    if [[ -z $why ]] && ! "${@:2}"; then why="$1; it printed: $(tr '\n' '~' <"$work/out")"; fi
}

status_is() { [[ $status == "$1" ]]; }
prints() { grep -qF -- "$1" "$work/out"; }
prints_nothing_but() { [[ $(cat "$work/out") == "$1" ]]; }
is_silent_about() { ! grep -qF -- "$1" "$work/out"; }
apt_did() { grep -qF -- "$1" "$machine/apt.log" 2>/dev/null; }
apt_did_not() { ! apt_did "$1"; }
expect_exit() { expect "the exit status is $status, not $1" status_is "$1"; }
expect_text() { expect "it does not say '$1'" prints "$1"; }
expect_no_text() { expect "it says '$1'" is_silent_about "$1"; }

script_at() {  # FILE: makes a program of the standard input
    { echo '#!/bin/bash'; cat; } >"$1"
    chmod +x "$1"
}

new_machine() {  # a Debian 12 with everything, on which the user is root
    machine=$work/machine home=$work/three-kitchens
    rm -rf "$machine" "$home"
    mkdir -p "$machine"/{bin,etc,usr/include,usr/lib} "$home/common/course" "$home/build"
    cp -r "$project/course" "$home"
    cp -r "$project/common/setup" "$home/common"
    touch "$home/CMakeLists.txt" "$home/common/course/main.cpp"
    find "$home" -exec touch -d '1 hour ago' {} +
    local tool
    for tool in bash env cat cp flock grep head mkdir mv readlink rm sed tail touch tr; do
        ln -s "$(type -P "$tool")" "$machine/bin/$tool"
    done
    printf '%s\n' 'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"' VERSION_CODENAME=bookworm \
        >"$machine/etc/os-release"
    echo 'echo 0' | script_at "$machine/bin/id"
    add_compiler clang++-19 'Debian clang version 19.1.7 (3~deb12u1)'
    echo 'echo mold 1.10.1' | script_at "$machine/bin/mold"
    add_boost 1.81.0
    add_header catch2/catch.hpp 'CATCH_VERSION_MAJOR 2' 'CATCH_VERSION_MINOR 13'
    add_header CLI/Version.hpp 'CLI11_VERSION "2.1.2"'
    add_header nlohmann/detail/abi_macros.hpp \
        'NLOHMANN_JSON_VERSION_MAJOR 3' 'NLOHMANN_JSON_VERSION_MINOR 11'
    add_header fmt/core.h 'FMT_VERSION 90100'
    add_header cereal/version.hpp 'CEREAL_VERSION_MAJOR 1' 'CEREAL_VERSION_MINOR 3'
    add_header sqlite3.h 'SQLITE_VERSION "3.40.1"'
    touch "$machine/usr/lib/libpugixml.so"
    add_header archive.h $'ARCHIVE_VERSION_ONLY_STRING\t"3.6.2"'
    add_header nettle/version.h 'NETTLE_VERSION_MAJOR 3' 'NETTLE_VERSION_MINOR 8'
    add_library yaml-cpp 0.7.0
    add_build_tools
    add_apt
}

add_header() {  # FILE MACRO...
    mkdir -p "$(dirname "$machine/usr/include/$1")"
    printf '#define %s\n' "${@:2}" >"$machine/usr/include/$1"
}

add_library() {  # NAME VERSION
    ln -sfn "lib$1.so.$2" "$machine/usr/lib/lib$1.so"
    touch "$machine/usr/lib/lib$1.so.$2"
}

add_boost() {  # VERSION
    local library version=${1%.0}
    add_header boost/version.hpp "BOOST_LIB_VERSION \"${version//./_}\""
    for library in thread chrono system filesystem context; do
        add_library "boost_$library" "$1"
    done
}

add_compiler() {  # NAME VERSION-LINE
    touch "$machine/usr/lib/libtsan.so"
    script_at "$machine/bin/$1" <<END
case \$1 in
    --version) echo '$2' ;;
    -print-file-name=libtsan.so) echo '$machine/usr/lib/libtsan.so' ;;
    *) echo "\${1#*=}" ;;
esac
END
}

add_build_tools() {  # CMake and Ninja, which build a program that prints how it was called
    script_at "$machine/bin/cmake" <<END
if [[ \$1 == --version ]]; then echo 'cmake version 3.25.1'; exit; fi
echo "cmake \$*" >>"$machine/build.log"
mkdir -p "$home/build/dev/bin" && touch "$home/build/dev/build.ninja"
printf '%s\n' "CMAKE_CXX_COMPILER:STRING=\$CXX" "CMAKE_HOME_DIRECTORY:INTERNAL=\$COURSE_ROOT" \
    >"$home/build/dev/CMakeCache.txt"
END
    script_at "$machine/bin/ninja" <<END
if [[ \$1 == --version ]]; then echo 1.11.1; exit; fi
echo "ninja \$*" >>"$machine/build.log"
if [[ -e $machine/broken ]]; then
    printf '%s\n' '[1/2] Building fine.cpp' 'FAILED: main.o' 'main.cpp:3: error: no such thing'
    exit 1
fi
printf '#!/bin/bash\necho "program: \$*"\n' >"$home/build/dev/bin/course-cli"
$(type -P chmod) 755 "$home/build/dev/bin/course-cli"
END
}

add_apt() {  # it offers each package in version 99 and can be told to fail
    script_at "$machine/bin/apt-cache" <<END
for package in "\${@:2}"; do
    if [[ -e $machine/offers ]]; then offer=\$(cat $machine/offers); else offer=1:99.1-2; fi
    printf '%s:\n  Installed: (none)\n  Candidate: %s\n' "\$package" "\$offer"
done
END
    script_at "$machine/bin/apt-get" <<END
echo "\$*" >>"$machine/apt.log"
case " \$* " in
    *' update '*)
        if [[ -e $machine/offline ]]; then echo 'W: Could not resolve a name'; fi
        rm -f $machine/lists_are_old
        ;;
    *' --simulate '*)
        if [[ -e $machine/conflict ]]; then echo 'Remv libboost1.74-dev [1.74.0]'; fi
        ;;
    *' install '*)
        if [[ -e $machine/apt_fails ]]; then echo 'E: No space left on device'; exit 100; fi
        if [[ -e $machine/lists_are_old ]]; then echo 'E: 404 Not Found'; exit 100; fi
        if [[ -d $machine/uninstalled ]]; then cp -r $machine/uninstalled/. $machine; fi
        ;;
esac
END
}

lose() {  # FILE...: apt-get install brings these back
    local file
    for file; do
        mkdir -p "$machine/uninstalled/${file%/*}"
        mv "$machine/$file" "$machine/uninstalled/$file"
    done
}

be_a_user() { echo 'echo 1000' | script_at "$machine/bin/id"; }

course() {  # [VARIABLE=VALUE...] -- ARGUMENTS: on the fake machine, without a terminal
    local -a variables=()
    while [[ $1 != -- ]]; do variables+=("$1") && shift; done
    env -i PATH="$machine/bin" COURSE_FILESYSTEM="$machine" "${variables[@]}" \
        "$BASH" "$home/course" "${@:2}" >"$work/out" 2>&1 </dev/null
    status=$?
}

course_on_terminal() {  # ANSWER ARGUMENTS
    echo "$1" | script -qec "env -i PATH='$machine/bin' COURSE_FILESYSTEM='$machine' TERM=dumb \
        $BASH '$home/course' ${*:2}" /dev/null >"$work/out" 2>&1
    status=$?
}

scenario "a machine that has everything is asked nothing and builds once"
new_machine
course -- grade 01 --json
expect_exit 0
expect_text "Configuring the build"
expect_text "program: grade 01 --json"
expect "apt-get was called" apt_did_not ''

scenario "the second call prints nothing of its own and starts no other program"
course PATH=/nonexistent -- grade 01
expect_exit 0
expect "it prints more than the program does" prints_nothing_but "program: grade 01"

scenario "a changed file under common builds again, without configuring"
touch "$home/common/course/main.cpp"
course -- list
expect "ninja did not run twice" test "$(grep -c ninja "$machine/build.log")" == 2
expect "cmake did not run once" test "$(grep -c cmake "$machine/build.log")" == 1

scenario "a changed requirement is looked for again"
touch "$home/common/setup/requirements.md"
rm "$machine/usr/include/fmt/core.h"
course -- list
expect_exit 2
expect_text "fmt 9"

scenario "a build that fails shows the compiler's words and exits with 2"
new_machine
touch "$machine/broken"
course -- grade
expect_exit 2
expect_text "main.cpp:3: error: no such thing"
expect_no_text "Building fine.cpp"
expect_text "./course doctor"

scenario "a folder that was copied is configured for its new place, all presets"
new_machine
course -- list
mkdir "$home/build/asan"
touch "$home/build/asan/build.ninja"
sed -i 's,^CMAKE_HOME_DIRECTORY.*,CMAKE_HOME_DIRECTORY:INTERNAL=/elsewhere,' \
    "$home/build/dev/CMakeCache.txt"
sed -i '1s,.*,/elsewhere,' "$home/build/machine"
touch "$home/CMakeLists.txt"
course -- list
expect_exit 0
expect "cmake did not run twice" test "$(grep -c cmake "$machine/build.log")" == 2
expect "the other preset stays configured" test ! -e "$home/build/asan/build.ninja"

scenario "--yes is the launcher's own before or after the command but not after a double dash"
new_machine
course -- --yes run 01 -- --yes
expect_text "program: run 01 -- --yes"

scenario "without a terminal nothing is installed and the command to run is named"
new_machine
lose bin/clang++-19 usr/include/fmt/core.h
course -- grade
expect_exit 2
expect_text "C++ compiler clang 16 or g++ 13"
expect_text "prints text and figures"
expect_text "./course setup --yes core"
expect "apt-get was called" apt_did_not ''

scenario "the same without any argument"
course --
expect_exit 2
expect_text "./course setup --yes core"

scenario "--yes installs what is missing and goes on"
course -- grade --yes 01
expect_exit 0
expect_text "clang-19"
expect_text "program: grade 01"
expect "the wrong packages were installed" \
    apt_did "--no-install-recommends clang-19 libclang-rt-19-dev libfmt-dev"
expect "a package list was fetched in vain" apt_did_not update

scenario "COURSE_YES=1 answers yes"
new_machine
lose usr/include/fmt/core.h
course COURSE_YES=1 -- list
expect_exit 0

scenario "root in CI is not asked"
new_machine
lose usr/include/fmt/core.h
course CI=true -- list
expect_exit 0
expect_text "program: list"

scenario "a user in CI is not taken for root"
new_machine
lose usr/include/fmt/core.h
be_a_user
cp "$machine/bin/env" "$machine/bin/sudo"
course CI=true -- list
expect_exit 2
expect "apt-get was called" apt_did_not ''

if type -P script >/dev/null; then
    scenario "on a terminal the answer yes installs"
    new_machine
    lose usr/include/fmt/core.h
    course_on_terminal y list
    expect_exit 0
    expect_text "Packages: libfmt-dev"
    expect_text "Install these 1 packages with apt-get now? [Y/n]"
    expect_text "program: list"

    scenario "on a terminal the answer no installs nothing"
    new_machine
    lose usr/include/fmt/core.h
    course_on_terminal n list
    expect_exit 2
    expect_text "nothing was installed"
    expect "apt-get was called" apt_did_not ''
fi

scenario "a user installs through sudo"
new_machine
lose usr/include/fmt/core.h
be_a_user
echo "echo sudo \$* >>$machine/apt.log; shift; exec \"\$@\"" | script_at "$machine/bin/sudo"
course -- list --yes
expect_exit 0
expect "sudo was not used" apt_did "sudo --non-interactive env"

scenario "a user without sudo is told what an administrator should run"
new_machine
lose usr/include/fmt/core.h
be_a_user
course -- list --yes
expect_exit 2
expect_text "apt-get install --no-install-recommends libfmt-dev"

scenario "without apt the list has names and versions"
new_machine
rm "$machine"/bin/apt-* "$machine/usr/include/fmt/core.h"
echo 'PRETTY_NAME="Fedora Linux 42"' >"$machine/etc/os-release"
course -- list --yes
expect_exit 2
expect_text "fmt 9"
expect_text "Fedora Linux 42 has no apt-get"

scenario "without apt a machine that has everything is fine"
new_machine
rm "$machine"/bin/apt-*
course -- list
expect_exit 0

scenario "apt-get that fails shows its last words and what to do"
new_machine
lose usr/include/fmt/core.h
touch "$machine/apt_fails"
course -- list --yes
expect_exit 2
expect_text "E: No space left on device"
expect_text "apt-get install failed"
expect_text "make room"

scenario "package lists that are out of date are fetched before a second try"
new_machine
lose usr/include/fmt/core.h
touch "$machine/lists_are_old"
course -- list --yes
expect_exit 0

scenario "without a network the failed step is named"
new_machine
lose usr/include/fmt/core.h
touch "$machine/offline"
echo '(none)' >"$machine/offers"
course -- list --yes
expect_exit 2
expect "the package lists were not fetched" apt_did update
expect_text "apt-get update found no package libfmt-dev"
expect_text "Check the network connection"

scenario "a system that is too old is refused before anything is installed"
new_machine
lose usr/include/fmt/core.h
echo '6.1.2+ds1-2' >"$machine/offers"
course -- list --yes
expect_exit 2
expect_text "libfmt-dev 6.1.2 for fmt 9"
expect "apt-get install was called" apt_did_not install

scenario "a package that would be removed is named first"
new_machine
add_boost 1.74.0
mkdir -p "$machine/uninstalled/usr"
mv "$machine/usr/include" "$machine/usr/lib" "$machine/uninstalled/usr"
mkdir "$machine/usr/include" "$machine/usr/lib"
cp -r "$machine/uninstalled/usr/." "$machine/usr"
machine=$machine/uninstalled add_boost 1.81.0
touch "$machine/conflict"
course -- list --yes
expect_exit 0
expect_text "(here: 1.74)"
expect_text "will be removed: libboost1.74-dev"

scenario "g++ 12 alone is replaced where clang can be had"
new_machine
lose bin/clang++-19
add_compiler g++ 'g++ (Debian 12.2.0-14+deb12u1) 12.2.0'
course -- list --yes
expect_exit 0
expect "clang-19 was not installed" apt_did "clang-19 libclang-rt-19-dev"
expect_no_text "warning"

scenario "g++ 12 alone is used with one warning where clang cannot be had"
new_machine
lose bin/clang++-19
add_compiler g++ 'g++ (Debian 12.2.0-14+deb12u1) 12.2.0'
be_a_user
course -- list
expect_exit 0
expect_text "warning: g++ 12.2.0 gets coroutines wrong"
course -- list
expect "it warns again" prints_nothing_but "program: list"

scenario "g++ 11 alone is not a compiler for the course"
new_machine
rm "$machine/bin/clang++-19"
add_compiler g++ 'g++ (Debian 11.4.0-1) 11.4.0'
course -- list
expect_exit 2
expect_text "C++ compiler"

scenario "g++ 13 and an old clang: g++ is chosen"
new_machine
rm "$machine/bin/clang++-19"
add_compiler g++-13 'g++-13 (Ubuntu 13.3.0-6ubuntu2) 13.3.0'
add_compiler clang++ 'Debian clang version 14.0.6'
course -- list
expect_exit 0
expect "another one was chosen" grep -q 'CMAKE_CXX_COMPILER=.*/g++-13' "$machine/build.log"

scenario "CXX wins, and the build is configured again for it"
new_machine
add_compiler my-clang 'clang version 17.0.1'
course -- list
course CXX=my-clang -- list
expect_exit 0
expect "another one was chosen" grep -q 'CMAKE_CXX_COMPILER=.*/my-clang' "$machine/build.log"

scenario "CXX that is too old is refused by name"
add_compiler old-clang 'clang version 14.0.6'
course CXX=old-clang -- list --yes
expect_exit 2
expect_text "CXX is old-clang, which is clang 14.0.6"
expect "something was installed" apt_did_not install

scenario "CXX that is not there is refused"
course CXX=/no/such/compiler -- list
expect_exit 2
expect_text "CXX is /no/such/compiler"

scenario "docs and test ask for the site group and grade does not"
new_machine
course -- docs
expect_exit 2
expect_text "Doxygen 1.9.4"
course -- test
expect_text "Doxygen 1.9.4"
expect_text "Slurm controller"
course -- grade
expect_exit 0

scenario "a folder of submissions asks for the sandbox and a lab does not"
course -- grade ./handed-in
expect_exit 2
expect_text "bubblewrap 0.8"
course -- grade --report ./out 01
expect_exit 0
course -- grade ./handed-in --no-sandbox
expect_exit 0
course -- doctor --sandbox
expect_exit 2
expect_text "libseccomp 2.5"

scenario "the number after --jobs is not the command"
course -- -j 2 test
expect_text "Doxygen 1.9.4"

scenario "setup refuses a group that it does not know"
course -- setup everything
expect_exit 2
expect_text "unknown group everything"

scenario "help is there before anything is built"
new_machine
rm "$machine/bin/clang++-19"
course -- --help
expect_exit 0
expect_text "./course grade 01"

scenario "doctor exits with 1 and says how to get what is missing"
course -- doctor
expect_exit 1
expect_text "apt-get install clang-19"

scenario "doctor exits with 0 when the core is complete"
new_machine
course -- doctor
expect_exit 0
expect_text "core: complete"
course -- doctor --group site
expect_exit 1

if type -P node >/dev/null; then
    scenario "doctor --json is JSON"
    course -- doctor --json
    expect "it does not parse, or is wrong" env OUT="$work/out" node -e '
        const report = JSON.parse(require("fs").readFileSync(process.env.OUT, "utf8"));
        const cmake = report.groups.core.requirements.find(row => row.name == "CMake");
        const right = report.complete && !report.groups.site.complete && cmake.version == "3.25.1";
        process.exit(right ? 0 : 1);'
fi

finish
exit "$failed"
