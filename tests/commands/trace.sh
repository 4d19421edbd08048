#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# halvm run --trace and halvm trace: what a run has done, as text, as counts, as JSON, and where two
# runs part.
# shellcheck source=tests/commands/tap.sh
. "$(dirname "$0")/tap.sh"
: "${GUEST_CC:?}"

trace() { run timeout 60 "$bin/halvm" trace "$@"; }
silent() { ok "$1: nothing else is said" cmp /dev/null err; }

trace --help
ok "--help: status 0" status_is 0
ok "which says how it is used" has out '^Usage: halvm trace \[OPTION'

wrong() { # DESCRIPTION REGEX ARGUMENT...
    local what=$1 regex=$2
    shift 2
    trace "$@"
    ok "$what: status 2" status_is 2
    ok "$what: one line" one_line err
    ok "$what: which says so" has err "^halvm trace: $regex"
}
wrong 'no file' 'no file given' --summary
wrong 'an unknown option' 'unknown option "--frobnicate"; see --help$' --frobnicate x
wrong 'an option without its value' '--domain needs a value' --domain
wrong 'one file to compare' '--compare needs two files' --compare x
wrong 'two files' '"y": one file too many' x y
wrong 'a file that is not there' 'nosuch: No such file or directory$' nosuch
wrong 'a folder' '\.: not a regular file$' .
: >empty
wrong 'an empty file' 'empty: not a trace: it is empty$' empty
cp /proc/self/exe program
wrong 'a program' 'program: not a trace \(halvm run --trace makes them\)$' program
wrong 'a kind that is none' '--kind foo: must be hypercall, event, xenstore, console or life' \
    --kind console,foo empty
wrong 'an operation that is none' '--op EVTCHNOP_sent: no hypercall is called so; did you mean "EVTCHNOP_send"\?' \
    --op EVTCHNOP_sent empty
wrong 'a time that is none' '--from tomorrow: not a time' --from tomorrow empty
wrong 'a pattern that is none' '--grep \(: ' --grep '(' empty
wrong 'two things at a time' 'of --summary, --compare and --chrome only one' --summary --chrome x empty

if [ -n "${HOSTED_ONLY:-}" ]; then
    skip "traces" "this build's guests have instrumentation that needs a host"
    done_testing
    exit
fi

cat >guest.c <<'C'
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <xen/grant_table.h>
#include <xen/sched.h>
#include <xen/vcpu.h>
#include <xen/version.h>

#include "core/event.h"
#include "core/hypercall.h"

extern int64_t halvm_xenstore_read(const char *path, void *buf, size_t size);

static volatile int came;

static void arrived(evtchn_port_t port, void *arg)
{
    (void)port, (void)arg;
    came++;
}

static long call(unsigned op, unsigned long a, void *b)
{
    return hypercall(op, a, (unsigned long)b, 0, 0, 0);
}

static evtchn_port_t offer(domid_t peer)
{
    evtchn_alloc_unbound_t op = {.dom = DOMID_SELF, .remote_dom = peer};

    call(__HYPERVISOR_event_channel_op, EVTCHNOP_alloc_unbound, &op);
    return op.port;
}

static evtchn_port_t bind(domid_t peer)
{
    evtchn_bind_interdomain_t op = {.remote_dom = peer, .remote_port = 3};

    while (call(__HYPERVISOR_event_channel_op, EVTCHNOP_bind_interdomain, &op))
        call(__HYPERVISOR_sched_op, SCHEDOP_yield, NULL);
    return op.local_port;
}

/* Events to and fro, COUNT times. */
static void talk(const char *role, domid_t peer, int count)
{
    evtchn_port_t port = *role == 'a' ? offer(peer) : bind(peer);

    event_register(port, arrived, NULL);
    if (*role == 'b')
        event_send(port);
    for (int i = 0; i < count; i++) {
        while (!came)
            event_wait(EVENT_FOREVER);
        came = 0;
        event_send(port);
    }
    printf("%s is done\n", role);
}

/* A bit of all. */
static void make_calls(void)
{
    static xen_extraversion_t extra;
    char name[64];
    static char text[] = "caf\xc3\xa9 \xff\"\\\x01\n";
    evtchn_close_t none = {.port = 77};
    struct gnttab_unmap_grant_ref unmap[2] = {{.handle = 100}, {.handle = 101}};
    multicall_entry_t calls[2] = {
        {.op = __HYPERVISOR_xen_version, .args = {XENVER_version}},
        {.op = __HYPERVISOR_sched_op, .args = {SCHEDOP_yield}},
    };

    call(__HYPERVISOR_xen_version, XENVER_extraversion, extra);
    halvm_xenstore_read("name", name, sizeof name);
    call(__HYPERVISOR_event_channel_op, EVTCHNOP_close, &none);
    call(__HYPERVISOR_event_channel_op, EVTCHNOP_close, (void *)0x10);
    call(__HYPERVISOR_event_channel_op, 55, &none);
    hypercall(__HYPERVISOR_grant_table_op, GNTTABOP_unmap_grant_ref, (unsigned long)unmap, 2, 0, 0);
    hypercall(__HYPERVISOR_multicall, (unsigned long)calls, 2, 0, 0, 0);
    call(__HYPERVISOR_vcpu_op, VCPUOP_is_up, (void *)0);
    hypercall(99, 1, 2, 3, 4, 5);
    fwrite(text, 1, sizeof text - 1, stdout);
    fflush(stdout);
}

int main(int argc, char **argv)
{
    char line[64];

    if (!strcmp(argv[1], "calls"))
        make_calls();
    else if (!strcmp(argv[1], "raw")) { /* a fault without the runtime's handlers */
        hypercall(0, 0, 0, 0, 0, 0);
        *(volatile int *)0x123456789000 = 1;
    } else if (!strcmp(argv[1], "answers"))
        while (fgets(line, sizeof line, stdin)) {
            printf("got %s", line);
            fflush(stdout);
        }
    else if (!strcmp(argv[1], "for-ever"))
        for (;;) {
            puts("on and on");
            fflush(stdout);
            call(__HYPERVISOR_sched_op, SCHEDOP_yield, NULL);
        }
    else
        talk(argv[1], (domid_t)atoi(argv[2]), atoi(argv[3]));
    return argc > 4;
}
C
# shellcheck disable=SC2086
ok "compile" $GUEST_CC -c guest.c -o guest.o
ok "link" "$bin/halvm-ld" --halvm-target=both -o guest guest.o

cfg() { # NAME EXTRA
    printf 'name = "%s"\nkernel = "guest.xen"\nmemory = 16\nextra = "%s"\n' "$1" "$2" >"$1.cfg"
}
cfg ping 'a 2 3'
cfg pong 'b 1 3'

# ---- a run ----

run timeout 60 "$bin/halvm" run --trace two.trace ping.cfg pong.cfg
ok "a run with --trace: status 0" status_is 0
ok "its output is as ever" cmp <(sort out) <(printf 'ping: a is done\npong: b is done\n')
silent "a run"
ok "real times are beside it" [ -s two.trace.times ]

trace two.trace
ok "halvm trace: status 0" status_is 0
silent "halvm trace"
cp out lines
ok "a time, a domain, a hypercall, its result and what it gives" has lines \
    '^ +0\.[0-9]{9} ping +EVTCHNOP_alloc_unbound dom=DOMID_SELF remote_dom=2 -> 0 port=3$'
ok "the other's side" has lines 'pong +EVTCHNOP_bind_interdomain remote_dom=1 remote_port=3 -> 0 local_port=3$'
ok "a send" has lines 'pong +EVTCHNOP_send port=3 -> 0$'
ok "an event" has lines 'ping +event port=3 pending$'
ok "a wake" has lines 'ping +event woken$'
ok "a wait with its list of ports" has lines 'ping +SCHEDOP_poll timeout=[0-9.]+ ports=\[2 3\]'
ok "which ends after others have run" has lines 'ping +\(SCHEDOP_poll\) -> 0$'
ok "a domain's beginning" has lines 'ping +life created domain=1$'
ok "and its end" has lines 'ping +life shut down reason=poweroff$'
ok "and that it is gone" has lines 'ping +life destroyed$'
ok "console output" has lines 'ping +console "a is done"$'
ok "what a toolstack asks XenStore" has lines 'Domain-0 +xenstore <- XS_RELEASE req=0 "1"$'
ok "times never go back" sort -s -c -k1,1n lines

# ---- parts of it ----

trace --domain pong two.trace
ok "--domain: no other's" bash -c '! grep -v " pong " out'
ok "but its own" cmp <(grep -c ' pong ' lines) <(wc -l <out)
cp out pong
trace --domain 2 two.trace
ok "--domain by number" cmp pong out
trace --domain nobody two.trace
ok "of nobody there is nothing" cmp /dev/null out
trace --kind console,life two.trace
ok "--kind" bash -c '! grep -vE "^[^a-z]+[a-zA-Z0-9-]+ +(console|life) " out'
ok "has all of them" cmp <(grep -cE '^[^a-z]+[^ ]+ +(console|life) ' lines) <(wc -l <out)
trace --op EVTCHNOP_send --domain ping two.trace
ok "--op: one line a send" bash -c '! grep -v " EVTCHNOP_send " out'
trace --op event_channel_op two.trace
ok "--op of all operations" has out 'EVTCHNOP_alloc_unbound'
ok "and no others" bash -c '! grep -v " EVTCHNOP_" out'
trace --op XS_RM two.trace
ok "--op of XenStore" bash -c 'grep -q "<- XS_RM" out && ! grep -v " XS_RM " out'
trace --grep 'remote_(dom|port)=2' two.trace
ok "--grep" has out 'EVTCHNOP_alloc_unbound'
ok "only what matches" one_line out
when=$(awk '/EVTCHNOP_alloc_unbound/ { print $1 }' lines)
trace --from "$when" --to "$when" two.trace
ok "--from and --to" has out EVTCHNOP_alloc_unbound
ok "nothing else" awk -v when="$when" '$1 != when { exit 1 }' out
trace --to 1ns two.trace
ok "--to with a unit" cmp /dev/null out
trace --real two.trace
ok "--real: two times" has out '^ +[0-9]+\.[0-9]{9} +[0-9]+\.[0-9]{9} ping '

# ---- counts ----

trace --summary two.trace
ok "--summary: status 0" status_is 0
ok "counts kinds" has out '^xenstore +[0-9]+$'
sends=$(grep -c ' EVTCHNOP_send ' lines)
ok "and operations, with errors and times" has out "^EVTCHNOP_send +$sends +0 +[0-9]+\\.[0-9]{9}\$"
trace --summary --domain pong --kind hypercall two.trace
ok "of a domain, too" has out '^EVTCHNOP_bind_interdomain +[0-9]+ +[0-9]+ '
ok "without the others" bash -c '! grep -E "alloc_unbound|XS_|console" out'

# ---- what hypercalls look like ----

cfg calls calls
run timeout 60 "$bin/halvm" run --trace calls.trace calls.cfg
ok "a run of all sorts" status_is 0
trace --domain calls calls.trace
cp out lines
ok "a string that comes back" has lines ' XENVER_extraversion -> 0 extraversion="-halvm"'
ok "a request to XenStore" has lines ' calls +xenstore <- XS_READ req=[0-9]+ "name"$'
ok "and what it answers" has lines ' calls +xenstore -> XS_READ req=[0-9]+ "calls"$'
ok "an error by its name" has lines ' EVTCHNOP_close port=77 -> -EINVAL$'
ok "what cannot be read" has lines ' EVTCHNOP_close arg=0x10 \(unreadable\) -> -EFAULT$'
ok "an operation that is none" has lines ' event_channel_op_55 cmd=55 arg=0x[0-9a-f]+ -> -ENOSYS$'
ok "several structs" has lines \
    ' GNTTABOP_unmap_grant_ref \[\{handle=100 .*\} \{handle=101 .*\}\] -> 0 \[\{status=GNTST_bad_handle\} \{status=GNTST_bad_handle\}\]$'
ok "a multicall" has lines ' multicall count=2 -> 0$'
ok "what is in it" has lines '   XENVER_version -> 0x40011$'
ok "all of it" has lines '   SCHEDOP_yield -> 0$'
ok "a vCPU" has lines ' VCPUOP_is_up vcpu=0 -> 1$'
ok "a hypercall that is none" has lines ' hypercall_99 a1=0x1 a2=0x2 a3=0x3 a4=0x4 a5=0x5 -> -ENOSYS$'
ok "traps" has lines ' set_trap_table traps=\[\{vector=0 flags=0 cs=0x[0-9a-f]+ address=0x[0-9a-f]+\} .* [0-9]+ more\] -> 0$'
ok "bytes that are no text" grep -qF 'console "café \xff\"\\\x01"' lines

# ---- JSON ----

if command -v jq >/dev/null; then
    trace --chrome calls.json calls.trace
    ok "--chrome: status 0" status_is 0
    ok "it is JSON" jq -e '.traceEvents | length > 20' calls.json
    ok "a lane has its domain's name" jq -e \
        '[.traceEvents[] | select(.ph == "M" and .name == "process_name" and .pid == 1)][0].args.name == "calls"' calls.json
    ok "slices begin and end" jq -e \
        '[.traceEvents[] | select(.ph == "B")] as $b | [.traceEvents[] | select(.ph == "E")] as $e | ($b | length) > 10 and ($b | length) == ($e | length)' calls.json
    ok "what is not UTF-8 becomes so" jq -e \
        '[.traceEvents[] | select(.cat == "console") | .name] | any(contains("caf\u00e9 \ufffd\"\\\u0001"))' calls.json
    ok "times are numbers" jq -e '[.traceEvents[] | .ts | type] | unique == ["number"]' calls.json
    run bash -c "'$bin/halvm' trace --perfetto - --kind console calls.trace | jq -e '[.traceEvents[] | select(.ph != \"M\") | .cat] | unique == [\"console\"]'"
    ok "a part of it, on standard output" status_is 0
    trace --chrome two.json --real two.trace
    ok "with real times" jq -e '[.traceEvents[] | select(.ph == "B") | .ts] | max > 0' two.json
else
    skip "JSON" "no jq to read it"
fi
wrong 'JSON that cannot be written' 'nosuch/x.json: No such file or directory$' --chrome nosuch/x.json two.trace
run bash -c "'$bin/halvm' trace --chrome - two.trace >/dev/full"
ok "a full disk: status 2" status_is 2
ok "which says so" has err '^halvm trace: standard output: No space left on device$'
run bash -c "'$bin/halvm' trace two.trace >/dev/full"
ok "of lines, too: status 2" status_is 2

# ---- the same seed, the same trace ----

for i in 1 2; do
    run timeout 60 "$bin/halvm" run --seed 7 --trace "seed$i.trace" ping.cfg pong.cfg
    ok "a run with a seed" status_is 0
done
ok "the same again, to the byte" cmp seed1.trace seed2.trace
trace --compare seed1.trace seed2.trace
ok "--compare of equals: status 0" status_is 0
ok "says so" has out '^equal: [0-9]+ records$'
cfg pong 'b 1 4'
run timeout 60 "$bin/halvm" run --seed 7 --trace other.trace ping.cfg pong.cfg
trace --compare seed1.trace other.trace
ok "--compare of others: status 1" status_is 1
ok "where they part" has out '^they part at record [0-9]+, after [0-9]+ hypercalls$'
ok "what was before" has out '^   +[0-9]+ +[0-9.]+ [a-zA-Z0-9-]+ '
ok "one side after it" has out '^< +[0-9]+ +[0-9.]+ '
ok "and the other" has out '^> +[0-9]+ +[0-9.]+ '
wrong 'a comparison with nothing' 'nosuch: No such file' --compare seed1.trace nosuch
run timeout 60 "$bin/halvm" run --virtual-time --trace virtual.trace calls.cfg
ok "virtual time" status_is 0
trace virtual.trace
ok "its times are" has out '^    0\.000000000 calls '

# ---- what is not whole ----

head -c $(($(stat -c %s seed1.trace) - 7)) seed1.trace >cut.trace
trace cut.trace
ok "a trace that is cut: status 0" status_is 0
ok "it has what is there" has out 'life created domain=1$'
ok "and a note" has err '^halvm trace: cut.trace: note: ends after [0-9]+ records without an end: the run was cut short, or is not over$'
trace --compare cut.trace seed1.trace
ok "compared with the whole: status 1" status_is 1
ok "it says which ends" has out '^< \(the end: the run was cut short, or is not over\)$'
cp seed1.trace damaged.trace
printf '\0\0\0' | dd of=damaged.trace bs=1 seek=24 conv=notrunc status=none
trace damaged.trace
ok "one that is damaged: status 2" status_is 2
ok "which says where" has err '^halvm trace: damaged.trace: damaged after record [0-9]+$'
cp seed1.trace version.trace
printf '\377' | dd of=version.trace bs=1 seek=8 conv=notrunc status=none
wrong 'another version' 'version.trace: a trace of version 255; this halvm reads version 2$' version.trace
cp seed1.trace layout.trace
printf '\377\377' | dd of=layout.trace bs=1 seek=12 conv=notrunc status=none
wrong 'another halvm' 'layout.trace: made by another halvm' layout.trace
rm -f two.trace.times
wrong 'real times that are gone' '--real: two.trace.times: No such file' --real two.trace

# ---- runs that do not end well ----

cfg raw raw
run timeout 60 "$bin/halvm" run --trace raw.trace raw.cfg
ok "a fault: status 139" status_is 139
ok "its report names the last hypercalls" has err '^raw:   its last hypercalls:$'
ok "the last one" has err '^raw:     set_trap_table\(0\) -> 0$'
trace raw.trace
ok "the trace has it, too" has out ' raw +life crashed$'
silent "the trace of a fault"
run timeout 60 "$bin/halvm" run raw.cfg
ok "without a trace the report has it as well" has err '^raw:     set_trap_table\(0\) -> 0$'

cfg for-ever for-ever
for signal in INT TERM; do
    rm -f output ended.trace
    mkfifo output
    # In the background, bash lets a process ignore SIGINT.
    (
        trap - INT
        exec env --default-signal=INT "$bin/halvm" run --trace ended.trace for-ever.cfg >output 2>err
    ) &
    pid=$!
    head -n 100 <output >/dev/null &
    exec 9<output
    for ((i = 0; i < 100; i++)); do read -r <&9; done
    kill -s "$signal" "$pid"
    exec 9<&-
    status=0
    wait "$pid" || status=$?
    ok "SIG$signal ends a run" [ "$status" -gt 128 ]
    trace --kind console ended.trace
    ok "what came before is in the trace" has out 'console "on and on'
    ok "which says that it was cut short" has err 'note: ends after [0-9]+ records'
done
# It writes a line for each that it is given: the fourth one when nobody reads any more.
cfg answers answers
rm -f output
mkfifo input output
exec 8<>input
timeout 60 "$bin/halvm" run --trace closed.trace answers.cfg <input >output 2>err 8>&- &
pid=$!
printf '%s\n' 1 2 3 >&8
head -n 3 <output >/dev/null
echo 4 >&8
status=0
wait "$pid" || status=$?
exec 8>&-
ok "nobody reads any more: the run ends by SIGPIPE" [ "$status" = 141 ]
trace --kind console closed.trace
ok "what came before is in the trace" has out 'console "got 3"$'

run timeout 60 "$bin/halvm" run --trace /dev/full ping.cfg pong.cfg
ok "a full disk: not status 0" [ "$status" = 1 ]
ok "one line" one_line err
ok "which says so" has err '^halvm run: /dev/full: No space left on device: the trace is not complete$'
run timeout 60 "$bin/halvm" run --trace /dev/full for-ever.cfg
ok "a full disk ends a long run" [ "$status" = 1 ]
run timeout 60 "$bin/halvm" run --trace nosuch/x.trace ping.cfg pong.cfg
ok "a file that cannot be made: status 2" status_is 2
ok "one line" one_line err
ok "which says so" has err '^halvm run: nosuch/x.trace: No such file or directory$'
cp ping.cfg kept.cfg
run timeout 60 "$bin/halvm" run --trace kept.cfg pong.cfg
ok "a file that is no trace: status 2" status_is 2
ok "which it says" has err 'kept.cfg is there and is no trace: name another file$'
ok "and it is as it was" cmp ping.cfg kept.cfg
run timeout 60 "$bin/halvm" run --trace
ok "no file: status 2" status_is 2
ok "which says so" has err '^halvm run: --trace needs a value'

# ---- a hosted program, and the other listener ----

HALVM=trace=hosted.trace run timeout 60 ./guest calls
ok "HALVM=trace=FILE: status 0" status_is 0
trace hosted.trace
ok "the trace of a program" has out ' guest +EVTCHNOP_close port=77 -> -EINVAL$'
HALVM=trace=nosuch/x run timeout 60 ./guest calls
ok "a file that cannot be made: status 2" status_is 2
ok "which says so" has err '^guest: HALVM: trace=nosuch/x: No such file or directory$'
HALVM=trace=/dev/full run timeout 60 ./guest calls
ok "a full disk: status 1" status_is 1
HALVM_HYPERCALLS=$PWD/rows run timeout 60 "$bin/halvm" run --trace both.trace calls.cfg
ok "HALVM_HYPERCALLS at the same time" has rows '^halvm run 32 3$'
ok "does not change the trace" cmp <("$bin/halvm" trace --domain calls --kind hypercall both.trace | cut -c28-) \
    <("$bin/halvm" trace --domain calls --kind hypercall calls.trace | cut -c28-)
done_testing
