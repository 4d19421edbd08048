#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# run.sh SRCDIR [NAME...]: "make mutants". Makes each mistake of *.patch in a copy of the shim,
# compiles what it changes, links the test that its head names, and expects that test to fail.
# Fails itself if one survives, does not apply or does not compile. Runs in the build tree, which
# must hold the tests ("make check TESTS=" builds them).
#
# A patch's head:
#   Class: what kind of mistake it is
#   Advisory: where Xen made it, if it did
#   Killed-by: the test, as the build tree knows it
# If a patch does not apply any more because the shim has changed: refresh.sh.
top=$(cd "${1:?source tree}" && pwd)
shift
: "${CC:?}" "${CFLAGS?}" "${CPPFLAGS?}" "${UNIT_LDADD?}" "${FUZZ_LDADD?}"
export top
work=$PWD/tests/mutants/work
seconds=60

head_of() { sed -n "s/^$2: //p;/^---/q" "$1"; }

# The mutant comes first: what it defines is not taken from the library.
# shellcheck disable=SC2086
link_test() { # TEST OUTPUT [OBJECT...]
    local test=$1 output=$2 libraries=$UNIT_LDADD
    shift 2
    [ "$test" = tests/fuzz/replay ] && libraries=$FUZZ_LDADD
    $CC $CFLAGS "$@" "${test%/*}/${test##*/}"-*.o $libraries -o "$output"
}

run_test() { CK_VERBOSITY=normal timeout "$seconds" "$1" >"$work/log" 2>&1; }

# Prints why PATCH is no good mutant, or nothing if its test fails as it should.
try() { # PATCH TEST
    local patch=$1 test=$2 file object objects=()
    rm -rf "$work/source" && mkdir -p "$work/source" && cp -r "$top/hypercall-shim" "$work/source/" || return
    patch -s -p1 -d "$work/source" --no-backup-if-mismatch <"$patch" >"$work/log" 2>&1 || { echo 'does not apply'; return; }
    while read -r file; do
        object=$work/$(basename "$file").o
        # shellcheck disable=SC2086
        $CC -I"$work/source/hypercall-shim" $CPPFLAGS $CFLAGS -c "$work/source/$file" -o "$object" >"$work/log" 2>&1 ||
            { echo 'does not compile'; return; }
        objects+=("$object")
    done < <(sed -n 's,^+++ b/\([^[:space:]]*\.c\).*,\1,p' "$patch")
    link_test "$test" "$work/test" "${objects[@]}" >"$work/log" 2>&1 || { echo 'does not link'; return; }
    run_test "$work/test" && echo 'SURVIVES'
}

mkdir -p "$work"
declare -A passes # each test must pass without a mutant
bad=0 count=0
names=("$@")
[ ${#names[@]} -gt 0 ] || names=("$top"/tests/mutants/*.patch)
printf '%-34s %-9s %-34s %s\n' MUTANT ADVISORY TEST RESULT
for name in "${names[@]}"; do
    patch=$name
    [ -e "$patch" ] || patch=$top/tests/mutants/$name.patch
    test=$(head_of "$patch" Killed-by)
    if [ -z "${passes[$test]}" ]; then
        if link_test "$test" "$work/test" >"$work/log" 2>&1 && run_test "$work/test"; then
            passes[$test]=yes
        else
            passes[$test]=no
        fi
    fi
    if [ "${passes[$test]}" = yes ]; then
        result=$(try "$patch" "$test")
    else
        result='the test fails anyhow'
    fi
    count=$((count + 1))
    [ -z "$result" ] || bad=$((bad + 1))
    printf '%-34s %-9s %-34s %s\n' "$(basename "$patch" .patch)" "$(head_of "$patch" Advisory | cut -d' ' -f1)" "$test" "${result:-killed}"
done
rm -rf "$work"
echo "$count mutants, $((count - bad)) killed"
[ $bad = 0 ]
