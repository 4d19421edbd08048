# SPDX-License-Identifier: BSD-3-Clause
# shellcheck shell=bash
#
# TAP for tests of commands. A test sources this, calls "plan N" at its end, and finds:
#   $bin      the build's bin folder (halvm-ghc, halvm-ld, halvm)
#   $top      the source tree
#   $work     an empty folder of its own, removed at the end
set -u
: "${top:=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)}"
: "${bin:?set bin to the bin folder of the build}"
work=$(mktemp -d "${TMPDIR:-/tmp}/halvm-test.XXXXXX")
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 99
export LANG=C.UTF-8
tap_count=0

# ok DESCRIPTION COMMAND...: passes if the command succeeds; shows its output if not.
ok() {
    local what=$1 out
    shift
    tap_count=$((tap_count + 1))
    if out=$("$@" 2>&1); then
        echo "ok $tap_count - $what"
    else
        echo "not ok $tap_count - $what"
        printf '%s\n' "$out" | tail -n 30 | sed 's/^/# /'
    fi
}

# run COMMAND...: keeps standard output in "out", standard error in "err", the status in $status.
run() {
    status=0
    "$@" >out 2>err </dev/null || status=$?
}

# shellcheck disable=SC2317
has() { # FILE REGEX
    grep -qE -- "$2" "$1" || {
        echo "no line matches: $2"
        echo "--- $1:"
        cat "$1"
        return 1
    }
}

# shellcheck disable=SC2317
status_is() { # the last run's
    [ "$status" = "$1" ] || {
        echo "status $status, expected $1"
        cat out err
        return 1
    }
}

# shellcheck disable=SC2317
one_line() { # FILE
    [ "$(wc -l <"$1")" = 1 ] || {
        echo "not one line:"
        cat "$1"
        return 1
    }
}

# eventually COMMAND...: until it succeeds. Each try is a process or more.
# shellcheck disable=SC2317
eventually() {
    local end=$((SECONDS + 60))
    while ((SECONDS < end)); do
        "$@" >eventual 2>&1 && return 0
    done
    cat eventual
    return 1
}

skip() { # DESCRIPTION REASON
    tap_count=$((tap_count + 1))
    echo "ok $tap_count - $1 # SKIP $2"
}

done_testing() {
    echo "1..$tap_count"
}
