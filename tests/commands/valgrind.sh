#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# memcheck on hosted programs: no error, neither of the shim nor of the guest.
# shellcheck source=tests/commands/tap.sh
. "$(dirname "$0")/tap.sh"
if ! command -v valgrind >/dev/null; then
    skip "valgrind" "valgrind is not installed"
    done_testing
    exit
fi
if [ -n "${SANITIZED:-}" ]; then
    skip "valgrind" "this build has sanitizers, which exclude it"
    done_testing
    exit
fi
check() { # NAME SOURCE ARGS...
    local name=$1 source=$2
    shift 2
    cp "$source" .
    ok "$name: compile" "$bin/halvm-ghc" -v0 -O1 -package containers "$(basename "$source")" -o "$name"
    "./$name" "$@" >plain </dev/null
    ok "$name: no error" valgrind -q --error-exitcode=99 --log-file=log "./$name" "$@"
    valgrind -q --log-file=log "./$name" "$@" >under </dev/null
    ok "$name: nothing in the log" [ ! -s log ]
    ok "$name: the same output" cmp plain under
}
check hello "$top/examples/Hello/Hello.hs"
check threads "$top/examples/Threads/Threads.hs"
tar -C "$top/fixtures/iris" --format=ustar -cf iris.tar iris.csv
export HALVM=ramdisk=iris.tar
check kmeans "$top/examples/KMeans/KMeans.hs" 3
done_testing
