# SPDX-License-Identifier: BSD-3-Clause
#
# Guests' transcripts as checks of the test that runs them. For tests that have sourced
# tests/commands/tap.sh.
# shellcheck shell=bash

line() { # ok|not ok, DESCRIPTION
    tap_count=$((tap_count + 1))
    echo "$1 $tap_count - $2"
}

# Repeats the lines of transcript FILE; a guest that stops early is a failure.
report() { # FILE LABEL
    local planned=none seen=0 text
    while IFS= read -r text; do
        case $text in
        "ok "* | "not ok "*)
            seen=$((seen + 1))
            line "${text%% [0-9]*}" "$2 ${text#* - }"
            ;;
        1..*) planned=${text#1..} ;;
        '#'*) echo "$text" ;;
        esac
    done <"$1"
    if [ "$planned" = "$seen" ]; then
        line ok "$2 ran to its end"
    else
        line 'not ok' "$2 ran to its end ($seen checks, planned $planned)"
        tail -n 5 "$1" | sed 's/^/# /'
    fi
}
