#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
#
# usage: coverage.sh SOURCE-TREE BUILD-DIRECTORY
#
# Builds with --enable-coverage, runs the tests, and reports which lines of runtime/,
# hypercall-shim/ and sim/ ran. Fails if they are fewer than COVERAGE_GATE percent (90).
# COVERAGE_TESTS: the tests to run, if not all.
set -eu
gate=${COVERAGE_GATE:-90}
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
sed -n '/^# \(TOTAL\|PASS\|SKIP\|FAIL\|ERROR\):/p; /^\(FAIL\|ERROR\):/p' check.out

lcov -q --config-file "$rc" --capture --initial --no-external --base-directory "$source" \
    --directory . -o "$report/initial.info" 2>lcov.err
lcov -q --config-file "$rc" --capture --directory . -o "$report/tests.info" 2>>lcov.err
lcov -q --config-file "$rc" -a "$report/initial.info" -a "$report/tests.info" -o "$report/all.info"
lcov -q --config-file "$rc" --extract "$report/all.info" "$source/runtime/*" \
    "$source/hypercall-shim/*" "$source/sim/*" -o "$report/coverage.info"
genhtml -q --config-file "$rc" --prefix "$source" -o "$report/html" "$report/coverage.info"
lcov --config-file "$rc" --list "$report/coverage.info"

percent=$(awk -F: '/^LF:/ { all += $2 } /^LH:/ { hit += $2 } END { printf "%.1f", all ? 100 * hit / all : 0 }' \
    "$report/coverage.info")
echo "coverage: $percent % of lines (at least $gate %); the report is $report/html/index.html"
[ "$status" = 0 ] || echo 'coverage: tests failed' >&2
awk -v p="$percent" -v g="$gate" 'BEGIN { exit p + 0 < g + 0 }' || {
    echo "coverage: below the gate of $gate %" >&2
    status=1
}
exit "$status"
