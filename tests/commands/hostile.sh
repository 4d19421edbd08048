#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# halvm run, trace, daemon and its commands in surroundings that somebody means ill with, or has made
# by mistake: no standard output, a full one, files that are damaged or named twice, clients that do
# not read.
# shellcheck source=tests/commands/tap.sh
. "$(dirname "$0")/tap.sh"
: "${GUEST_CC:?}"
clients=()
helpers=$bin/../tests/commands
export XDG_RUNTIME_DIR=$work/run
mkdir -m 700 run

halvm() { timeout 60 "$bin/halvm" "$@"; }
# shellcheck disable=SC2317
end_daemon() {
    halvm daemon --stop --force >end 2>&1
    rm -rf "$work"
}
trap end_daemon EXIT
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

if [ -n "${HOSTED_ONLY:-}" ]; then
    skip 'domains' "this build's guests have instrumentation that needs a host"
    done_testing
    exit
fi

cat >guest.c <<'C'
#include <stdio.h>
#include <string.h>
extern long hypercall(unsigned, unsigned long, unsigned long, unsigned long, unsigned long,
                      unsigned long);
int main(int argc, char **argv)
{
    puts("hello");
    fflush(stdout);
    for (int i = 0; argc > 1 && !strcmp(argv[1], "lines"); i++)
        printf("line %d\n", i);
    while (argc > 1 && !strcmp(argv[1], "wait"))
        hypercall(29, 1, 0, 0, 0, 0);
    return 0;
}
C
# shellcheck disable=SC2086
ok 'compile a guest' $GUEST_CC -c guest.c -o guest.o
ok 'link it' "$bin/halvm-ld" --halvm-target=xen -o guest guest.o
ok 'link it as a program' "$bin/halvm-ld" --halvm-target=hosted -o hosted guest.o
if [ ! -e guest.xen ]; then
    done_testing
    exit
fi
printf 'name = "guest"\nkernel = "guest.xen"\nmemory = 16\n' >guest.cfg
printf 'name = "wait"\nkernel = "guest.xen"\nmemory = 16\nextra = "wait"\n' >wait.cfg

# ---- no standard descriptors: what the process opens must not take their place ----

# closed DESCRIPTION COMMAND...: without standard output it fails, and says why
closed() {
    local what=$1
    shift
    status=0
    timeout 60 "$@" 2>err >&- || status=$?
    ok "$what without standard output: status 1" status_is 1
    ok "$what without standard output: which says so" has err 'standard output: Bad file descriptor$'
}
closed 'halvm run' "$bin/halvm" run guest.cfg
closed 'halvm run --virtual-time' "$bin/halvm" run --virtual-time guest.cfg
closed 'a hosted program' ./hosted
# shellcheck disable=SC2317
without_any() { timeout 60 "$@" <&- >&- 2>&-; }
ok 'a daemon starts without any' without_any "$bin/halvm" daemon
closed 'halvm list' "$bin/halvm" list
run halvm list
ok 'and serves' status_is 0

# ---- output that cannot be written ----

# full DESCRIPTION COMMAND...: on a full disk it fails, and says why
full() {
    local what=$1
    shift
    status=0
    timeout 60 "$@" >/dev/full 2>err || status=$?
    ok "$what on a full disk: status 1" status_is 1
    ok "$what on a full disk: which says so" has err 'standard output: No space left on device$'
}
full 'halvm list' "$bin/halvm" list
full 'halvm run' "$bin/halvm" run guest.cfg

# ---- a trace in its own place ----

ok 'a trace' halvm run --virtual-time --trace a.trace guest.cfg
cp a.trace b.trace
run halvm trace --chrome ./a.trace a.trace
ok '--chrome onto the trace: status 2' status_is 2
ok 'which it says' has err '^halvm trace: --chrome ./a.trace: is the trace itself'
ok 'and leaves it' cmp a.trace b.trace

# ---- a console that is read slowly ----

coproc slow { halvm create -c -p wait.cfg 'name="lines"' 'extra="lines"'; }
slow_pid=$!
exec {lines}<&"${slow[0]}"
ok 'a domain that writes lines' eventually halvm unpause lines
# shellcheck disable=SC2317
waits() { halvm list lines | grep -qE ' -b---- +[0-9.]+$'; }
ok 'it waits for who does not read' eventually waits
ok 'and is destroyed' halvm destroy lines
cat <&$lines >all
wait "$slow_pid"
# shellcheck disable=SC2317
no_gap() {
    sed -i '$d' all # a part of a line
    [ "$(wc -l <all)" -gt 1000 ] && cmp all <(echo hello && seq -f 'line %.0f' 0 "$(($(wc -l <all) - 2))")
}
ok 'what he reads has no gap' no_gap

# ---- a daemon that has too many clients, or ends ----

printf '' >nothing
for _ in $(seq 256); do
    "$helpers/to-socket" --hold run/halvm/control <nothing >/dev/null &
    clients+=($!)
done
# shellcheck disable=SC2317
is_refused() { halvm list >refused 2>&1; [ "$(cat refused)" = 'halvm list: the daemon has ended the connection' ]; }
ok 'one client too many is told, and not killed' eventually is_refused
kill "${clients[@]}"
wait
ok 'when the others have gone, it serves' eventually halvm list

ok 'a domain that does not read' halvm create wait.cfg
typed=$(printf '%08000d' 0)
printf 'HLV1\0\0\0\0\15\0\0\0console\0wait\0HLV1\1\0\0\0\x40\x1f\0\0%s' "$typed" >typing
for _ in $(seq 260); do
    coproc typist { exec "$helpers/to-socket" run/halvm/control <typing; }
    pid=$!
    read -r _ <&"${typist[0]}" # what the domain has said, all of it: else it ends in an error
    kill "$pid"
    wait "$pid" 2>/dev/null
done
ok 'many have typed for it and gone: it serves' eventually halvm list
ok 'the domain still waits' halvm domid wait

done_testing
