# The doctor: lists each requirement as found or missing, and how to get it.
# shellcheck shell=bash disable=SC2154  # machine.sh sets what it reads

doctor() {  # doctor [--json] [--group GROUP]; 0 if the group (core, if none is named) is complete
    local json='' judged=core
    local -a groups=(core site instructor cluster)
    shift
    while (($#)); do
        case $1 in
            --json) json=1 ;;
            --group)
                if [[ ${2-} != @(core|site|instructor|cluster) ]]; then
                    stop "doctor --group takes core, site, instructor or cluster"
                fi
                groups=("$2") judged=$2
                shift
                ;;
            *) stop "doctor does not know $1; it takes --json and --group core|site|instructor|cluster, or --sandbox alone" ;;
        esac
        shift
    done
    identify_system
    read_requirements
    probe_machine core "${groups[@]}"  # the compiler, which others depend on, is in core
    if [[ -n $json ]]; then print_json; else print_list; fi
    (($(lacking "$judged") == 0))
}

lacking() {  # GROUP: prints how many of its requirements are not there
    local i count=0
    for i in "${!state_of[@]}"; do
        if [[ ${group_of[i]} == "$1" && ${state_of[i]} == @(missing|old) ]]; then
            count=$((count + 1))
        fi
    done
    echo "$count"
}

how_to_get() {  # INDEX
    if [[ ${state_of[$1]} == found ]]; then return; fi
    if type -P apt-get >/dev/null; then
        printf 'apt-get install %s' "${packages_of[$1]}"
    else
        printf "get %s or newer with this system's package manager" "$(requirement "$1")"
    fi
}

print_list() {
    local group i count
    printf '%s\n' "$system_name"
    for group in "${groups[@]}"; do
        count=$(lacking "$group")
        printf '\n%s: ' "$group"
        if ((count)); then
            printf '%d missing, ./course setup %s gets them\n' "$count" "$group"
        else
            echo complete
        fi
        for i in "${!state_of[@]}"; do
            if [[ ${group_of[i]} == "$group" ]]; then print_row "$i"; fi
        done
    done
    if [[ -n $limit ]]; then printf '\nwarning: %s\n' "$limit"; fi
    if [[ -z $compiler && -n $refused ]]; then
        printf '\nwarning: %s is too old%s\n' "$refused" "${CXX:+ (it is what CXX names)}"
    fi
}

print_row() {  # INDEX
    local name text here="${found_version_of[$1]:--}  ${found_detail_of[$1]}"
    name=$(requirement "$1")
    case ${state_of[$1]} in
        found) name=${name_of[$1]} text=$here ;;
        missing) text="${purpose_of[$1]} ($(how_to_get "$1"))" ;;
        *) text="here: $here ($(how_to_get "$1"))" ;;
    esac
    printf '  %-8s %-32s %s\n' "${state_of[$1]}" "$name" "$text"
}

print_json() {
    local group i comma='' row_comma
    printf '{\n  "system": %s,\n  "complete": %s,\n  "warning": %s,\n  "groups": {' \
        "$(quote "$system_name")" "$(is_complete "$judged")" "$(quote "$limit")"
    for group in "${groups[@]}"; do
        printf '%s\n    "%s": {"complete": %s, "requirements": [' \
            "$comma" "$group" "$(is_complete "$group")"
        comma=, row_comma=
        for i in "${!state_of[@]}"; do
            if [[ ${group_of[i]} != "$group" ]]; then continue; fi
            printf '%s\n      {"name": %s, "minimum": %s, "state": "%s"' "$row_comma" \
                "$(quote "${name_of[i]}")" "$(quote "${minimum_of[i]}")" "${state_of[i]}"
            printf ', "version": %s, "found": %s, "for": %s, "get": %s}' \
                "$(quote "${found_version_of[i]}")" "$(quote "${found_detail_of[i]}")" \
                "$(quote "${purpose_of[i]}")" "$(quote "$(how_to_get "$i")")"
            row_comma=,
        done
        printf '\n    ]}'
    done
    printf '\n  }\n}\n'
}

is_complete() {  # GROUP: prints true or false
    if (($(lacking "$1"))); then echo false; else echo true; fi
}

quote() {  # TEXT as a JSON string; null if it is empty
    local text=${1//\\/\\\\}
    if [[ -z $text ]]; then echo null; else printf '"%s"' "${text//\"/\\\"}"; fi
}
