#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# Runs the conformance guests on the shim and on real Xen; both transcripts must be equal and
# without a failure. Each guest's own lines are repeated, so a failure shows where it is. On the
# shim the model (tests/model) is checked after every hypercall.
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

# shellcheck source=tests/conformance/report.sh
. "$here/report.sh"
# shellcheck source=tests/model/link.sh
. "$top/tests/model/link.sh"

for guest in "${guests[@]}"; do
    # shellcheck disable=SC2086
    if ! $GUEST_CC -c "$here/$guest.c" -o "$guest.o" >log 2>&1 ||
        ! "$bin/halvm-ld" --halvm-target="$target" --halvm-keep=guest.o -o "$guest" "$guest.o" >>log 2>&1 ||
        ! link_watched "$guest" "$lib/hosted.lds" "$lib/entry-hosted.o" guest.o >>log 2>&1; then
        line "not ok" "$guest is built"
        sed 's/^/# /' log
        continue
    fi
    status=0
    HALVM='hardware_domain=1 memory=128 vcpus=4' "./$guest" >shim.out 2>err </dev/null || status=$?
    report shim.out "$guest [shim]"
    sed 's/^/# /' err
    [ $status != 99 ] || line 'not ok' "$guest [shim] keeps what the model says"
    if [ -n "${NO_XEN:-}" ]; then
        skip "$guest [Xen]" "$NO_XEN"
        continue
    fi
    "$bin/halvm" xen-test --memory 128 --vcpus 4 "$guest.xen" >xen.out </dev/null
    report xen.out "$guest [Xen]"
    ok "$guest: the shim answers as Xen" diff -u xen.out shim.out
done
done_testing
