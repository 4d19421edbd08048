#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# Runs the conformance guests on the shim and on real Xen; both transcripts must be equal and
# without a failure. Each guest's own lines are repeated, so a failure shows where it is.
#   run.sh [GUEST...]      with bin, GUEST_CC (the compiler and flags of guest code) set
# shellcheck source=tests/commands/tap.sh
. "$(dirname "$0")/../commands/tap.sh"
here=$top/tests/conformance
: "${GUEST_CC:?}"

target=both
[ -z "${HOSTED_ONLY:-}" ] || target=hosted # sanitizers and gcov are not on Xen

guests=("$@")
if [ $# = 0 ]; then
    for source in "$here"/*.c; do
        guests+=("$(basename "$source" .c)")
    done
fi

line() { # ok|not ok, DESCRIPTION
    tap_count=$((tap_count + 1))
    echo "$1 $tap_count - $2"
}

# Repeats the guest's lines of FILE, named GUEST [WAY]; a guest that stops early is a failure.
report() { # FILE GUEST WAY
    local planned=none seen=0 text
    while IFS= read -r text; do
        case $text in
        "ok "* | "not ok "*)
            seen=$((seen + 1))
            line "${text%% [0-9]*}" "$2 [$3] ${text#* - }"
            ;;
        1..*) planned=${text#1..} ;;
        '#'*) echo "$text" ;;
        esac
    done <"$1"
    if [ "$planned" = "$seen" ]; then
        line ok "$2 [$3] ran to its end"
    else
        line "not ok" "$2 [$3] ran to its end ($seen checks, planned $planned)"
        tail -n 5 "$1" | sed 's/^/# /'
    fi
}

for guest in "${guests[@]}"; do
    # shellcheck disable=SC2086
    if ! $GUEST_CC -c "$here/$guest.c" -o "$guest.o" >log 2>&1 ||
        ! "$bin/halvm-ld" --halvm-target="$target" -o "$guest" "$guest.o" >>log 2>&1; then
        line "not ok" "$guest is built"
        sed 's/^/# /' log
        continue
    fi
    HALVM='hardware_domain=1 memory=128 vcpus=4' "./$guest" >shim.out </dev/null
    report shim.out "$guest" shim
    if [ -n "${NO_XEN:-}" ]; then
        skip "$guest [Xen]" "$NO_XEN"
        continue
    fi
    "$bin/halvm" xen-test --memory 128 --vcpus 4 "$guest.xen" >xen.out </dev/null
    report xen.out "$guest" Xen
    ok "$guest: the shim answers as Xen" diff -u xen.out shim.out
done
done_testing
