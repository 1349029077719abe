# Installs what is missing, after saying what and why; goes on only when everything is here.
# shellcheck shell=bash disable=SC2154  # course and machine.sh set what it reads

log=$COURSE_ROOT/build/setup.log

setup() {  # setup [GROUP...]
    local group
    local -a groups=(core)
    for group in "${@:2}"; do
        case $group in
            core) ;;
            site | instructor | cluster) groups+=("$group") ;;
            *) stop "unknown group $group; the groups are core, site, instructor and cluster" ;;
        esac
    done
    prepare_machine "${groups[@]}"
    say "This machine has all that the course needs (${groups[*]})."
}

prepare_machine() {  # GROUP...
    mkdir -p "$COURSE_ROOT/build" 2>/dev/null ||
        stop "cannot write to $COURSE_ROOT/build; copy the course to a folder of your own"
    identify_system
    read_requirements
    probe_machine "$@"
    refuse_chosen_compiler
    if something_is_wanted; then
        install_wanted "$@"
        probe_machine "$@"
        stop_if_still_wanted
    fi
    if [[ -n $limit ]]; then
        say "course: warning: $limit (clang-19 on Debian 12)"
    fi
    printf '%s\n' "$COURSE_ROOT" "${CXX-}" "$compiler" "$*" >"$machine_stamp"
    export CXX=$compiler  # for CMake
}

refuse_chosen_compiler() {
    if [[ -z ${CXX-} || -n $compiler ]]; then return; fi
    if [[ -n $refused ]]; then
        stop "CXX is $CXX, which is $refused; the course needs $good_compiler, or newer." \
            "Set CXX to such a compiler, or unset it to let the course choose"
    fi
    stop "CXX is $CXX, which is not a clang or a g++ that runs here; set it to one, or unset it"
}

# `wanted`: indexes of the requirements to install; `must`: how many of them are not optional.
something_is_wanted() {
    local i
    wanted=() must=0
    for i in "${!state_of[@]}"; do
        case ${state_of[i]} in
            missing | old) wanted+=("$i") && must=$((must + 1)) ;;
            limited) if [[ -z ${CXX-} ]]; then wanted+=("$i"); fi ;;
        esac
    done
    ((${#wanted[@]}))
}

say_wanted() {
    local i here
    for i in "${wanted[@]}"; do
        here=
        if [[ ${state_of[i]} != missing ]]; then here=" (here: ${found_version_of[i]})"; fi
        say "$(printf '  %-32s %s' "$(requirement "$i")" "${purpose_of[i]}")$here"
    done
}

give_up() {  # MESSAGE: a machine that lacks nothing but a better compiler goes on without it
    if ((must)); then stop "$*"; fi
}

install_wanted() {  # GROUP...
    local obstacle
    local -a packages as_root
    collect_packages
    find_obstacle "$@"
    if [[ -n $obstacle && $must == 0 ]]; then return; fi
    say "The course needs what this machine lacks:"
    say_wanted
    if [[ -n $obstacle ]]; then stop "$obstacle"; fi
    say "Packages: ${packages[*]}"
    if ! agreed "Install these ${#packages[@]} packages with apt-get now?" Y/n; then
        give_up "nothing was installed; ./course setup${*:+ $*} asks again"
        return
    fi
    install_packages
}

collect_packages() {
    local i package
    packages=()
    for i in "${wanted[@]}"; do
        for package in ${packages_of[i]}; do
            if [[ " ${packages[*]} " != *" $package "* ]]; then packages+=("$package"); fi
        done
    done
}

find_obstacle() {  # GROUP...: sets `obstacle` to why nothing can be installed, and `as_root`
    obstacle='' as_root=()
    if ! type -P apt-get >/dev/null; then
        obstacle="$system_name has no apt-get, so the course cannot install these. Install them \
with the package manager of this system, in the version shown or newer, then run this command again"
    elif [[ $(id -u) != 0 ]] && ! type -P sudo >/dev/null; then
        obstacle="installing needs root, and there is no sudo. Ask an administrator to run
    apt-get install --no-install-recommends ${packages[*]}"
    elif ! agreed_beforehand && [[ ! -t 0 || ! -t 2 ]]; then
        obstacle="nothing was installed, since there is no terminal to ask on. To install them, run
    ./course setup --yes $*"
    elif [[ $(id -u) != 0 ]]; then
        as_root=(sudo)
        if [[ ! -t 0 ]]; then as_root+=(--non-interactive); fi
    fi
}

agreed_beforehand() {
    [[ $yes == 1 || (-n ${CI-} && $(id -u) == 0) ]]
}

agreed() {  # QUESTION Y/n|y/N: the capital is what a bare Enter means
    local answer
    if agreed_beforehand; then return; fi
    read -r -p "$1 [$2] " answer || return 1
    [[ ${answer:-${2//[a-z\/]/}} == [yY]* ]]
}

apt_get() {  # ARGUMENTS: never asks, waits for another installation to end
    run_logged "$log" "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8 \
        apt-get -o DPkg::Lock::Timeout=60 "$@"
}

install_packages() {
    local updated=
    local -A offered=()
    read_offers
    if ((${#offered[@]} < ${#packages[@]})); then
        update_lists
        read_offers
    fi
    refuse_bad_offers || return 0
    announce_removals || return 0
    say "Installing ${#packages[@]} packages with apt-get ..."
    if apt_get install --yes --no-install-recommends "${packages[@]}"; then return; fi
    if [[ -z $updated ]]; then  # a list that is out of date names files that are gone
        update_lists
        if apt_get install --yes --no-install-recommends "${packages[@]}"; then return; fi
    fi
    say_last_lines "$log" 8
    give_up "apt-get install failed; above are its last lines ($log has all of them). $(advice)"
}

update_lists() {
    updated=1
    say "Updating the package lists ..."
    apt_get update
    cp "$log" "$log.update"
}

read_offers() {  # fills `offered`: the version of each package that apt can install
    local key value package=
    while read -r key value; do
        case $key in
            Candidate:) if [[ $value != '(none)' ]]; then offered[$package]=$value; fi ;;
            *:) if [[ -z $value ]]; then package=${key%:}; fi ;;
        esac
    done < <(LC_ALL=C apt-cache policy "${packages[@]}" 2>/dev/null)
}

refuse_bad_offers() {
    local i package version
    local -a bad=()
    for package in "${packages[@]}"; do
        if [[ -z ${offered[$package]-} ]]; then bad+=("$package"); fi
    done
    if ((${#bad[@]})); then
        grep -E '^(W|E|Err)' "$log.update" | head -n 4 | sed 's/^/    /' >&2
        give_up "apt-get update found no package ${bad[*]} for $system_name. $(advice)"
        return 1
    fi
    for i in "${wanted[@]}"; do
        for package in ${packages_of[i]}; do
            version=$(first_number "${offered[$package]#*:}")
            if ! at_least "$(first_number "${minimum_of[i]}")" "$version"; then
                bad+=("$package $version for $(requirement "$i")")
            fi
        done
    done
    if ((${#bad[@]})); then
        say "$(printf '    %s\n' "${bad[@]}")"
        give_up "$system_name offers these older packages; the course is made for Debian 12 and 13 \
and Ubuntu 24.04. Install newer ones in another way, or use such a system"
        return 1
    fi
}

announce_removals() {
    local removed
    removed=$(LC_ALL=C apt-get install --simulate --no-install-recommends "${packages[@]}" \
        2>/dev/null | sed -n 's/^Remv \([^ ]*\).*/\1/p' | tr '\n' ' ')
    if [[ -z $removed ]]; then return; fi
    say "They replace packages that they conflict with, which will be removed: $removed"
    if agreed "Install, and remove these?" y/N; then return; fi
    give_up "nothing was installed or removed"
    return 1
}

advice() {  # what to do, after the words in the logs
    case $(cat "$log" "$log.update" 2>/dev/null) in
        *'ould not resolve'* | *'emporary failure'* | *'nable to connect'* | *'ailed to fetch'*)
            echo "Check the network connection, then run this command again" ;;
        *'ould not get lock'* | *'nable to acquire'*)
            echo "Another program is installing packages: wait, then run this command again" ;;
        *'No space left'* | *'enough free space'*)
            echo "The disk is full: make room, then run this command again" ;;
        *'password is required'*)
            echo "Run this command in a terminal, where sudo can ask for the password" ;;
        *) echo "Once apt-get works (try: apt-get check), run this command again" ;;
    esac
}

stop_if_still_wanted() {
    something_is_wanted
    if ((must == 0)); then return; fi
    say "After the installation the course still does not find:"
    say_wanted
    stop "./course doctor shows where it looks; please report this, with $log"
}
