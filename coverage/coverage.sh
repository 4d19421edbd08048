#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
#
# usage: coverage.sh SOURCE-TREE BUILD-DIRECTORY
#
# Builds with --enable-coverage, runs the tests, and reports which lines of runtime/,
# hypercall-shim/ and sim/ ran. Fails if they are fewer than COVERAGE_GATE percent (90), or those of
# hypercall-shim/ fewer than SHIM_GATE percent (98) or its branches fewer than SHIM_BRANCH_GATE (92).
# COVERAGE_TESTS: the tests to run, if not all. Tests of images, which must not be counted to be loaded,
# run in a second build, where only the host's side is.
set -eu
all_gate=${COVERAGE_GATE:-90}
shim_gate=${SHIM_GATE:-98}
shim_branch_gate=${SHIM_BRANCH_GATE:-92}
source=$(cd "$1" && pwd)
mkdir -p "$2" coverage
build=$(cd "$2" && pwd)
report=$(pwd)/coverage
rc=$source/coverage/lcovrc

command -v lcov >/dev/null || { echo "coverage: lcov not found: install Debian's package lcov" >&2; exit 1; }
# In a build started by make, its flags would reach the inner one.
unset MAKEFLAGS MFLAGS MAKELEVEL

cd "$build"
[ -e Makefile ] || "$source/configure" --enable-coverage CFLAGS=-O0 >configure.out
make -j"$(nproc)" >make.out
find . -name '*.gcda' -exec rm -f {} +
status=0
make check ${COVERAGE_TESTS:+TESTS="$COVERAGE_TESTS"} >check.out 2>&1 || status=$?
images='run crash daemon daemon_console daemon_domains daemon_memory daemon_trace daemon_xenstore hostile life preempt registers seeds trace'
tests=
for name in $images; do
    tests="$tests tests/commands/$name.sh"
done
mkdir -p "$build-host"
cd "$build-host"
[ -e Makefile ] || "$source/configure" --enable-coverage=host CFLAGS=-O0 >configure.out
make -j"$(nproc)" >make.out
find . -name '*.gcda' -exec rm -f {} +
SCENARIO_SEEDS=20 make check TESTS="${COVERAGE_TESTS:-$tests tests/scenarios.sh}" >check.out 2>&1 || status=$?
cd "$build"
cat "$build-host/check.out" >>check.out

sed -n '/^# \(TOTAL\|PASS\|SKIP\|FAIL\|ERROR\):/p; /^\(FAIL\|ERROR\):/p' check.out

lcov -q --config-file "$rc" --capture --initial --no-external --base-directory "$source" \
    --directory . -o "$report/initial.info" 2>lcov.err
lcov -q --config-file "$rc" --capture --directory . -o "$report/tests.info" 2>>lcov.err
lcov -q --config-file "$rc" --capture --directory "$build-host" -o "$report/images.info" 2>>lcov.err
lcov -q --config-file "$rc" -a "$report/initial.info" -a "$report/tests.info" -a "$report/images.info" \
    -o "$report/all.info"
lcov -q --config-file "$rc" --extract "$report/all.info" "$source/runtime/*" \
    "$source/hypercall-shim/*" "$source/sim/*" -o "$report/coverage.info"
genhtml -q --config-file "$rc" --prefix "$source" -o "$report/html" "$report/coverage.info"
lcov --config-file "$rc" --list "$report/coverage.info"

lcov -q --config-file "$rc" --extract "$report/coverage.info" "$source/hypercall-shim/*" \
    -o "$report/shim.info"
[ "$status" = 0 ] || echo 'coverage: tests failed' >&2

# gate WHAT FILE FOUND HIT LEAST: HIT of FOUND, sums of these records of FILE, in percent
gate() {
    percent=$(awk -F: -v found="$3" -v hit="$4" '
        $1 == found { all += $2 }
        $1 == hit { some += $2 }
        END { printf "%.1f", all ? 100 * some / all : 0 }' "$2")
    echo "coverage: $percent % of $1 (at least $5 %)"
    awk -v p="$percent" -v g="$5" 'BEGIN { exit p + 0 < g + 0 }' || {
        echo "coverage: below the gate of $5 % of $1" >&2
        status=1
    }
}
gate 'all lines' "$report/coverage.info" LF LH "$all_gate"
gate "hypercall-shim's lines" "$report/shim.info" LF LH "$shim_gate"
gate "hypercall-shim's branches" "$report/shim.info" BRF BRH "$shim_branch_gate"
echo "coverage: the report is $report/html/index.html"
exit "$status"
