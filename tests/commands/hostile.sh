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

# ---- damaged files and requests: at random, but always the same ----

RANDOM=1
damage() { # FILE: one of it, "damaged", with some bytes changed; perhaps shorter
    local size i
    size=$(stat -c %s "$1")
    head -c $((RANDOM % 4 ? size : RANDOM * 32768 % size + 1)) "$1" >damaged
    for ((i = RANDOM % 6; i >= 0; i--)); do
        # shellcheck disable=SC2059
        printf "\\x$(printf %02x $((RANDOM % 256)))" |
            dd of=damaged bs=1 seek=$(((RANDOM * 32768 + RANDOM) % size)) conv=notrunc status=none
    done
}
# shellcheck disable=SC2317
is_ended_in_order() { # the last run: by no signal, and no mistake of the host's
    ! grep -qE 'internal error|Sanitizer|runtime error' err && [ "$status" != 139 ] && [ "$status" != 135 ]
}
attack() { # FILE COMMAND...: with "damaged"
    local file=$1 i bad=0
    shift
    for ((i = 0; i < 50; i++)); do
        damage "$file"
        run timeout 60 "$@"
        is_ended_in_order && continue
        bad=$((bad + 1))
        cat err
        cp damaged "bad.$i"
    done
    [ $bad = 0 ]
}
ok 'damaged traces' attack a.trace "$bin/halvm" trace damaged
ok 'damaged traces as JSON' attack a.trace "$bin/halvm" trace --chrome - damaged
ok 'damaged traces as numbers' attack a.trace "$bin/halvm" trace --summary damaged
ok 'damaged configurations' attack guest.cfg "$bin/halvm" run --virtual-time damaged
printf 'HLV1\0\0\0\0\15\0\0\0vcpu-list\0\60\0\0HLV1\1\0\0\0\2\0\0\0xy' >request
printf '\4\0\0\0\1\0\0\0\0\0\0\0\4\0\0\0/\0t\0\13\0\0\0\2\0\0\0\0\0\0\0\3\0\0\0/a\0' >messages
# shellcheck disable=SC2317
send_damaged() { # SOCKET: and is gone, whatever is answered
    coproc sender { exec "$helpers/to-socket" --hold "$1" <damaged; }
    local pid=$!
    read -r _ <&"${sender[0]}"
    kill "$pid"
    wait "$pid"
}
# shellcheck disable=SC2317
attack_socket() { # FILE SOCKET
    local i
    for ((i = 0; i < 20; i++)); do
        damage "$1"
        send_damaged "$2"
    done 2>sent
    halvm list
}
ok 'damaged requests: the daemon serves on' attack_socket request run/halvm/control
ok 'damaged messages of XenStore: too' attack_socket messages run/halvm/xenstore

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
