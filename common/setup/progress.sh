# Long commands: all they print goes to a log, a terminal sees the line they are at.
# shellcheck shell=bash

run_logged() {  # LOG COMMAND...
    local log=$1 line status
    shift
    "$@" 2>&1 </dev/null | while IFS= read -r line; do
        printf '%s\n' "$line"
        if [[ -t 2 ]]; then printf '\r\e[K  %.76s' "$line" >&2; fi
    done >"$log"
    status=${PIPESTATUS[0]}
    if [[ -t 2 ]]; then printf '\r\e[K' >&2; fi
    return "$status"
}

say_last_lines() {  # LOG COUNT
    tail -n "$2" "$1" | sed 's/^/    /' >&2
}
