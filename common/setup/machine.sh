# What this machine is and has: the table of requirements, a probe for each row, the compiler.
# shellcheck shell=bash disable=SC2034  # the files that source this one read its results

filesystem=${COURSE_FILESYSTEM:-}  # the tests put a machine with other files here

say() { printf '%s\n' "$*" >&2; }

stop() {  # MESSAGE: says why the course cannot go on
    say "course: $*"
    exit 2
}

at_least() {  # MINIMUM VERSION, both like 3.25.1; an empty minimum is always met
    local -a least actual
    local i
    IFS=. read -r -a least <<<"$1"
    IFS=. read -r -a actual <<<"$2"
    for i in "${!least[@]}"; do
        if ((10#${actual[i]:-0} != 10#${least[i]})); then
            ((10#${actual[i]:-0} > 10#${least[i]}))
            return
        fi
    done
}

first_number() {  # TEXT
    if [[ $1 =~ [0-9]+(\.[0-9]+)* ]]; then printf '%s' "${BASH_REMATCH[0]}"; fi
}

# One array per column, one index per requirement.
group_of=() name_of=() minimum_of=() probe_of=() packages_of=() purpose_of=()

read_requirements() {
    local line cell
    local -a cells
    while IFS= read -r line; do
        if [[ ! $line =~ ^'| '(core|site|instructor|cluster)' |' ]]; then continue; fi
        cells=()
        line=${line#|}
        while [[ $line == *'|'* ]]; do
            cell=${line%%|*}
            line=${line#*|}
            cell=${cell#"${cell%%[! ]*}"}
            cells+=("${cell%"${cell##*[! ]}"}")
        done
        group_of+=("${cells[0]}")
        name_of+=("${cells[1]}")
        minimum_of+=("${cells[2]}")
        probe_of+=("${cells[3]}")
        packages_of+=("${cells[package_column]}")
        purpose_of+=("${cells[7]}")
    done <"$COURSE_ROOT/common/setup/requirements.md"
}

identify_system() {
    local key value codename='' ubuntu=''
    system_name='this system'
    while IFS='=' read -r key value; do
        value=${value//\"/}
        case $key in
            PRETTY_NAME) system_name=$value ;;
            VERSION_CODENAME) codename=${codename:-$value} ;;
            DEBIAN_CODENAME | UBUNTU_CODENAME) codename=$value ;;&
            UBUNTU_CODENAME) ubuntu=1 ;;
        esac
    done < <(cat "$filesystem/etc/os-release" 2>/dev/null)
    case $codename/$ubuntu in
        bookworm/*) package_column=4 ;;
        */1) package_column=6 ;;
        *) package_column=5 ;;  # names rarely change after a release: the newest is the best guess
    esac
}

# The probes set `detail` to what they found, with its version in `version` if they know it.

probe_program() {  # NAMES
    local name
    for name in ${1//,/ }; do
        if detail=$(type -P "$name"); then
            if [[ -n $2 && $("$detail" --version 2>&1 </dev/null) =~ ([0-9]+(\.[0-9]+)+) ]]; then
                version=${BASH_REMATCH[1]}
            fi
            return
        fi
    done
    return 1
}

search() {  # FOLDER-IN-PREFIX EXTRA-PATHS FILE: sets `detail` to the first match
    local folder
    local -a folders=() prefixes=()
    IFS=: read -r -a folders <<<"$2"
    IFS=: read -r -a prefixes <<<"${CMAKE_PREFIX_PATH-}"
    for folder in "${prefixes[@]}" "$filesystem/usr/local" "$filesystem/usr"; do
        folders+=("$folder/$1/$HOSTTYPE-linux-gnu" "$folder/$1" "$folder/${1}64")
    done
    for folder in "${folders[@]}"; do
        detail=$folder/$3
        if [[ -n $folder && -e $detail ]]; then return; fi
    done
    return 1
}

probe_header() {  # FILES MACRO: the macro is "1.2.3", "1_2", 10203, or X_MAJOR beside X_MINOR
    local file value minor
    for file in ${1//,/ }; do
        if ! search include "${CPATH-}:${CPLUS_INCLUDE_PATH-}" "$file"; then continue; fi
        value=$(sed -nE "s/^ *# *define[[:space:]]+$2[[:space:]]+\"?([0-9._]+).*/\1/p" "$detail")
        if [[ -z $value ]]; then continue; fi
        if [[ $2 == *_MAJOR ]]; then
            minor=$(sed -nE "s/^ *# *define[[:space:]]+${2%MAJOR}MINOR[[:space:]]+([0-9]+).*/\1/p" "$detail")
            value=$value.$minor
        elif [[ $value =~ ^[0-9]{5,}$ ]]; then
            value=$((value / 10000)).$((value / 100 % 100)).$((value % 100))
        fi
        version=${value//_/.}
        return
    done
    return 1
}

probe_library() {  # NAME: the version is in the name that lib*.so links to
    if search lib "${LIBRARY_PATH-}" "lib$1.so"; then
        if [[ $(readlink "$detail") =~ \.so\.([0-9.]+) ]]; then version=${BASH_REMATCH[1]}; fi
        return
    fi
    search lib "${LIBRARY_PATH-}" "lib$1.a"
}

probe_file() {  # FILES
    for detail in ${1//,/ }; do
        detail=$filesystem$detail
        if [[ -e $detail ]]; then return; fi
    done
    return 1
}

# The compiler: `compiler` is its path, `limit` what it cannot do, `refused` what was found too old,
# `good_compiler` what it should be.
compiler='' limit='' refused='' good_compiler=''

probe_compiler() {  # "" "clang 16 or g++ 13": what is needed; g++ 12 will do for the other labs
    local candidate
    local -a candidates=(clang++-{19,18,17,16} clang++ g++ g++-{15,14,13} g++-12)
    compiler='' limit='' refused='' good_compiler=$2
    if [[ -n ${CXX-} ]]; then candidates=("$CXX"); fi
    for candidate in "${candidates[@]}"; do
        if accept_compiler "$candidate" "$2"; then return; fi
    done
    for candidate in "${candidates[@]}"; do
        if accept_compiler "$candidate" "g++ 12"; then
            limit="g++ $version gets coroutines wrong; the coroutine labs need $2"
            return
        fi
    done
    return 1
}

accept_compiler() {  # NAME OLDEST, as in "clang 16 or g++ 13"
    local path text kind
    path=$(type -P "$1") || return 1
    text=$("$path" --version 2>/dev/null </dev/null) || return 1
    if [[ $text =~ clang\ version\ ([0-9.]+) ]]; then
        kind=clang
    elif [[ $text =~ \)\ ([0-9]+\.[0-9.]+) ]]; then
        kind=g++
    else
        return 1
    fi
    version=${BASH_REMATCH[1]}
    if [[ "$2 " != *"$kind "* ]] || ! at_least "$(first_number "${2#*"$kind "}")" "$version"; then
        refused="$kind $version"
        return 1
    fi
    compiler=$path
    detail=$path
}

probe_sanitizers() {  # of the compiler that was chosen; it prints a bare name for a file it lacks
    local file
    if [[ -z $compiler ]]; then return 1; fi
    for file in "libclang_rt.tsan-$HOSTTYPE.a" libclang_rt.tsan.a libtsan.so; do
        detail=$("$compiler" -print-file-name="$file" 2>/dev/null)
        if [[ $detail == /* && -e $detail ]]; then return; fi
    done
    return 1
}

# state_of: found, limited (found, but it cannot do everything), old, missing, or empty (not asked).
state_of=() found_version_of=() found_detail_of=()

probe_machine() {  # GROUP...: probes the requirements of these groups
    local i probe version detail
    local -a words
    for i in "${!name_of[@]}"; do
        state_of[i]=
        if [[ " $* " != *" ${group_of[i]} "* ]]; then continue; fi
        version='' detail=''
        read -r -a words <<<"${probe_of[i]}"
        if ! "probe_${words[0]}" "${words[1]-}" "${words[2]-${minimum_of[i]}}"; then
            state_of[i]=missing
        elif [[ ${words[0]} == compiler ]]; then
            state_of[i]=found
            if [[ -n $limit ]]; then state_of[i]=limited; fi
        elif [[ -n $version ]] && ! at_least "${minimum_of[i]}" "$version"; then
            state_of[i]=old
        else
            state_of[i]=found
        fi
        found_version_of[i]=$version
        found_detail_of[i]=$detail
    done
}

requirement() {  # INDEX: its name and version, as in "CMake 3.25"
    printf '%s' "${name_of[$1]}${minimum_of[$1]:+ ${minimum_of[$1]}}"
}
