# Configures the build tree once, and builds the course program.
# shellcheck shell=bash disable=SC2154  # course sets what it reads

build=$COURSE_ROOT/build/dev
build_log=$COURSE_ROOT/build/program.log

build_program() {
    local lock
    exec {lock}>"$COURSE_ROOT/build/lock"
    flock "$lock"  # two calls at once must not build the same files
    if ! is_configured; then configure; fi
    if [[ ! -x $program ]]; then
        printf 'Building the course program (once, about a minute) ...\n' >&2
    fi
    # Dated before the build: a file that is saved during it is newer.
    : >"$program_stamp.new"
    if ! run_logged "$build_log" ninja -C "$build" course-cli; then
        rm -f "$machine_stamp" "$program_stamp"  # perhaps a requirement went away: look again
        fail "the course program did not build"
    fi
    mv "$program_stamp.new" "$program_stamp"
    exec {lock}>&-
}

fail() {  # MESSAGE: says it after the errors in the log
    sed -nE '/^(FAILED:|CMake Error)/,$p' "$build_log" | head -n 60 >&2
    printf 'course: %s. %s\n' "$1" "The full output is in $build_log; \
if you changed nothing under common/, look at ./course doctor" >&2
    exit 2
}

is_configured() {  # for this folder and this compiler
    local line compiler='' source=''
    if [[ ! -e $build/build.ninja || ! -e $build/CMakeCache.txt ]]; then return 1; fi
    while IFS= read -r line; do
        case $line in
            CMAKE_CXX_COMPILER:*) compiler=${line#*=} ;;
            CMAKE_HOME_DIRECTORY:*) source=${line#*=} ;;
        esac
    done <"$build/CMakeCache.txt"
    [[ $compiler == "$CXX" && $source == "$COURSE_ROOT" ]]
}

configure() {
    printf 'Configuring the build (once, for %s) ...\n' "$CXX" >&2
    # The program configures the other presets when it needs them, with this compiler again.
    rm -f "$COURSE_ROOT"/build/*/{build.ninja,CMakeCache.txt}
    if ! run_logged "$build_log" cmake -S "$COURSE_ROOT" --preset dev --fresh \
        -DCMAKE_CXX_COMPILER="$CXX"; then
        rm -f "$machine_stamp" "$build/build.ninja"
        fail "CMake could not configure the build"
    fi
}
