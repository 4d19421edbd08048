#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# halvm daemon: its process from start to end, its folder, what it says without a daemon and of
# options; and that nobody who misbehaves harms others.
# shellcheck source=tests/commands/tap.sh
. "$(dirname "$0")/tap.sh"
# shellcheck source=tests/commands/daemon_helpers.sh
. "$top/tests/commands/daemon_helpers.sh"

# ---- without a daemon ----

for command in list vcpu-list uptime info dmesg 'domid x' 'domname 1' 'console x' 'destroy x' 'shutdown x' \
    'reboot -a' 'pause x' 'unpause x' 'rename x y' 'xenstore-ls' 'xenstore-read /x' 'xenstore-watch /x'; do
    # shellcheck disable=SC2086
    says "$command without a daemon" 1 \
        "^halvm ${command%% *}: no daemon runs: start one with \"halvm daemon\"\$" $command
done
says "--stop without a daemon" 1 '^halvm daemon --stop: no daemon runs' daemon --stop
for command in daemon create list vcpu-list uptime info dmesg domid domname console destroy shutdown reboot \
    pause unpause rename; do
    well "$command --help" "$command" --help
    ok "$command --help: which says how it is used" has out "^Usage: halvm $command"
done
run halvm xenstore-read -h
ok 'xenstore-read -h: status 1, as of the command of this name' status_is 1
ok 'xenstore-read -h: which says how it is used' has err 'Usage: halvm xenstore-read \[-h\] \[-p\] \[-s\] \[-R\] key'
says 'an unknown option' 2 '^halvm list: unknown option "-x"' list -x
says 'an unknown long option' 2 '^halvm list: unknown option "--frob"' list --frob
says 'an unknown option of create' 2 '^halvm create: unknown option "-x"; see --help$' create -px x.cfg
says 'an option of create without its value' 2 '^halvm create: -f needs a value; see --help$' create -f
says 'a missing argument' 2 '^halvm destroy: an argument is missing: halvm destroy DOMAIN$' destroy
says 'too many arguments' 2 '^halvm pause: too many arguments' pause a b
says 'an unknown command' 2 '^halvm: unknown command "frobnicate"' frobnicate
says 'an unknown command of XenStore' 2 'unknown command "xenstore-frob"' xenstore-frob
says 'an unknown option of the daemon' 2 '^halvm daemon: unknown option "--frob"' daemon --frob
says 'an argument of the daemon' 2 '^halvm daemon: no argument is expected: "x"' daemon x
says '--force alone' 2 '^halvm daemon: --force is for --stop' daemon --force
for memory in 0 x 12x -1 99999999999; do
    says "--memory $memory" 2 "^halvm daemon: --memory $memory: must be from 1 to" daemon --memory "$memory"
done

# ---- its folder ----

mkdir -m 755 run/halvm
says 'a folder that others may enter' 2 '/run/halvm: others may enter it: chmod 700 it$' daemon
says 'for a client too' 1 '/run/halvm: others may enter it' list
rmdir run/halvm
ln -s / run/halvm
says 'a link in place of it' 2 '/run/halvm: not a folder' daemon
rm run/halvm
long=$work/$(printf '%0100d' 0)
XDG_RUNTIME_DIR=$long says 'a folder with a long name' 2 'longer than sockets allow' daemon
XDG_RUNTIME_DIR=$work/nosuch says 'a folder that is not there' 2 '/nosuch/halvm: No such file' daemon

# ---- start ----

silent 'the daemon starts' daemon 9>held
pid=$(daemon_pid)
# shellcheck disable=SC2317
has_open() { find "/proc/$1/fd" -printf '%l\n' | grep -q "/$2\$"; }
ok 'it has its lock open' has_open "$pid" lock
ok 'but nothing that it was given' not has_open "$pid" held
ok 'its folder is the user'\''s alone' [ "$(stat -c %a run/halvm)" = 700 ]
ok 'so is its socket' [ "$(stat -c '%F %a' $socket)" = 'socket 600' ]
ok 'and that of XenStore' [ "$(stat -c '%F %a' run/halvm/xenstore)" = 'socket 600' ]
ok 'and its log' [ "$(stat -c '%a' run/halvm/log)" = 600 ]
says 'a second one' 2 '^halvm daemon: one runs already \(.*/run/halvm\): end it with "halvm daemon --stop"$' daemon
well 'list' list
ok 'list: domain 0' diff - <(sed 's/ [0-9.]*$//' out) <<'END'
Name                                        ID   Mem VCPUs	State	Time(s)
Domain-0                                     0     8     1     r-----      
END

# ---- configurations ----

says 'no configuration' 2 '^halvm create: no configuration given' create
says 'two of them' 2 '^halvm create: b.cfg: there is a configuration already, a.cfg' create a.cfg b.cfg
says 'a configuration that is not there' 1 '^halvm create: nosuch.cfg: No such file or directory$' create nosuch.cfg
printf 'kernel = "nosuch.xen"\nmemory = "lots"\n' >wrong.cfg
says 'a mistake in one' 1 '^halvm create: wrong.cfg:2: .*memory' create wrong.cfg
printf 'kernel = "nosuch.xen"\n' >wrong.cfg
says 'an image that is not there' 1 '^halvm create: nosuch.xen: No such file or directory$' create wrong.cfg
printf 'kernel = "wrong.cfg"\n' >wrong.cfg
says 'an image that is none' 1 '^halvm create: wrong.cfg: not an ELF file$' create wrong.cfg

if [ -n "${HOSTED_ONLY:-}" ]; then
    silent 'the daemon ends' daemon --stop
fi
needs_guests
make_guest
cfg wait wait
silent 'create' create wait.cfg
ok 'it waits' eventually state_is wait -b----
cfg echo echo

# ---- who misbehaves ----

answer() { timeout 60 "$helpers/to-socket" "$socket" 2>&1 | tr -d '\0' | tr -c '[:print:]\n' '.'; }
# shellcheck disable=SC2317
is_not_understood() { frame 00 "$@" | answer | grep -q 'does not understand the request'; }
ok 'a request that is sent by hand' eval 'frame 00 domid wait | answer | grep -q "^HLV1.*1$"'
ok 'an unknown request' eval 'frame 00 frob | answer | grep -q "does not know the request"'
ok 'one with too few arguments' eval 'frame 00 destroy | answer | grep -q "does not know the request"'
ok 'create without its values' eval 'frame 00 create "" x | answer | grep -q "does not know"'
create=(create '' x.cfg name '' "$work/guest.xen" '' '' 16777216 16777216 1 0 1 0 0)
for wrong in 4=0123456789abcdef0123456789abcdeg 3= 5=relative 6=relative 4=12 7="$(printf '%02000d' 0)" 8=-1 8=1 8=99999999999999999999 9=4096 10=0 \
    10=33 10= 11=9 14=x 15=cdrom=x; do
    bad=("${create[@]}")
    bad[${wrong%%=*}]=${wrong#*=}
    ok "create with a wrong value, ${wrong:0:20}" is_not_understood "${bad[@]}"
done
ok 'garbage is answered by nothing' cmp /dev/null <(head -c 100000 /dev/urandom | answer)
ok 'so is a frame without a request' cmp /dev/null <(frame 00 | answer)
ok 'and strings without an end' cmp /dev/null <({ printf 'HLV1\0\0\0\0\3\0\0\0'; printf abc; } | answer)
ok 'and a frame that is too long' cmp /dev/null <(printf 'HLV1\0\0\0\0\0\0\1\1xxx' | answer)
ok 'and input without a console' cmp /dev/null <(frame 01 x | answer)
ok 'garbage for XenStore, too' cmp /dev/null \
    <(head -c 100000 /dev/urandom | tr '\0' x | timeout 60 "$helpers/to-socket" run/halvm/xenstore)
well 'others do not notice' list wait
silent 'create' create echo.cfg
hold console echo
kill -9 "$held"
wait "$held" 2>/dev/null
silent 'one who was attached has been killed: it ends all the same' destroy echo
silent 'create' create -p wait.cfg 'name="flood"' 'extra="lines 300000"'
hold console flood
silent 'it goes on' unpause flood
ok 'one who does not read makes the domain wait' eventually state_is flood -b----
well 'but nobody else' list
let_go
ok 'once he has gone it comes to its end' eventually is_gone flood

# ---- an idle daemon ----

before=$(halvm info halvm_sleeps)
for ((i = 0; i < 20; i++)); do halvm domid wait >out; done
after=$(halvm info halvm_sleeps)
ok "it sleeps but for requests: $before, $after" [ $((after - before)) -le $((22 * 10)) ]
ok 'and does not compute' eventually grep -q '^State:.*S (sleeping)' "/proc/$pid/status"

# ---- the end ----

says 'it does not end while domains run' 1 '^halvm daemon --stop: wait runs: end it first, or say --force$' daemon --stop
"$helpers/on-terminal" '<guest wait' '<' -- "$bin/halvm" console wait >last 2>&1 &
last=$!
ok 'somebody is at a console' eventually grep -q 'guest wait' last
silent '--stop --force' daemon --stop --force
status=0
wait $last || status=$?
ok 'a console ends with it' status_is 0
ok 'its process has ended' eventually no_daemon
ok 'its sockets are gone' [ ! -e $socket ] && [ ! -e run/halvm/xenstore ]
says 'no daemon any more' 1 'no daemon runs' list

silent 'another one' daemon --memory 64
pid=$(daemon_pid)
silent 'a domain' create wait.cfg
says 'one that is larger than the machine' 1 '^halvm create: wait.cfg: cannot build the domain: .*memory' \
    create wait.cfg 'name="large"' memory=100
kill -9 "$pid"
eventually no_daemon
ok 'it is killed: its socket stays' [ -e $socket ]
says 'which is nobody'\''s' 1 'no daemon runs' list
silent 'another one takes its place' daemon
pid=$(daemon_pid)
well 'and works' list
kill -TERM "$pid"
ok 'a signal ends it in order' eventually [ ! -e $socket ]

# Without epoll there is poll, which fails if it is given more than a process may have open.
if command -v prlimit >/dev/null; then
    EVENT_NOEPOLL=1 timeout 60 "$bin/halvm" daemon --foreground --trace cannot.trace >out 2>err &
    foreground_pid=$!
    ok '--foreground without epoll' eventually halvm list
    prlimit --pid "$(daemon_pid)" --nofile=0
    halvm list >/dev/null 2>&1
    status=0
    wait $foreground_pid || status=$?
    ok 'a daemon that cannot wait: status 1' status_is 1
    ok 'which it says' has err '^halvm daemon: cannot wait for anything: Invalid argument$'
    run halvm trace cannot.trace
    ok 'its trace has what was before' has out 'Domain-0'
else
    skip 'a daemon that cannot wait' 'no prlimit'
fi
EVENT_NOEPOLL=1 EVENT_NOPOLL=1 EVENT_NOSELECT=1 run halvm daemon
ok 'no way to wait: status 2' status_is 2
ok 'no way to wait: which it says' has err '^halvm daemon: libevent finds no way to wait$'

"$bin/halvm" daemon --foreground >out 2>&1 &
foreground_pid=$!
ok '--foreground' eventually halvm list
kill -INT "$foreground_pid"
status=0
wait $foreground_pid || status=$?
ok '--foreground: Ctrl-C ends it, status 0' status_is 0
done_testing
