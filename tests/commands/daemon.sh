#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# halvm daemon, and the commands that come to it: what they print, in the columns of xl, and their
# statuses; consoles; and that nobody who misbehaves harms others.
# shellcheck source=tests/commands/tap.sh
. "$(dirname "$0")/tap.sh"
: "${GUEST_CC:?}"
helpers=$bin/../tests/commands
export XDG_RUNTIME_DIR=$work/run
mkdir -m 700 run
socket=run/halvm/control

halvm() { timeout 60 "$bin/halvm" "$@"; }
# The daemon's process: it holds the lock.
daemon_pid() {
    local inode
    inode=$(stat -c %i run/halvm/lock) && awk -v i=":$inode\$" '$6 ~ i { print $5; exit }' /proc/locks
}
# shellcheck disable=SC2317
no_daemon() { [ -z "$(daemon_pid)" ]; }
# shellcheck disable=SC2317
end_daemon() {
    local pid
    pid=$(daemon_pid) && [ -n "$pid" ] && kill "$pid"
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
# shellcheck disable=SC2317
not() { ! "$@"; }

# says DESCRIPTION STATUS REGEX ARGUMENT...: one line on standard error, and nothing else
says() {
    local what=$1 wanted=$2 regex=$3
    shift 3
    run halvm "$@"
    ok "$what: status $wanted" status_is "$wanted"
    ok "$what: which it says" has err "$regex"
    ok "$what: in one line" one_line err
    ok "$what: and prints nothing" cmp /dev/null out
}
# well DESCRIPTION ARGUMENT...: status 0, no word of complaint
well() {
    local what=$1
    shift
    run halvm "$@"
    ok "$what" status_is 0
    ok "$what: without a complaint" cmp /dev/null err
}
# silent DESCRIPTION ARGUMENT...: no word at all
silent() {
    well "$@"
    ok "$1: silently" cmp /dev/null out
}

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
    skip 'domains' "this build's guests have instrumentation that needs a host"
    silent 'the daemon ends' daemon --stop
    done_testing
    exit
fi

cat >guest.c <<'C'
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
extern long hypercall(unsigned, unsigned long, unsigned long, unsigned long, unsigned long,
                      unsigned long);
int main(int argc, char **argv)
{
    char line[64];
    unsigned reason;
    const char *what = argc > 1 ? argv[1] : "";

    for (int i = 0; i < argc; i++)
        printf("%s%s", i ? " " : "", argv[i]);
    putchar('\n');
    fflush(stdout);
    if (!strcmp(what, "exit"))
        return atoi(argv[2]);
    if (!strcmp(what, "echo")) {
        while (fgets(line, sizeof line, stdin)) {
            printf("got %s", line);
            fflush(stdout);
        }
        puts("end of input");
    }
    if (!strcmp(what, "count")) {
        long n = 0, sum = 0;
        for (int c; (c = getchar()) != EOF; n++)
            sum = (sum * 31 + c) & 0xffffff;
        printf("%ld bytes, %ld\n", n, sum);
    }
    if (!strcmp(what, "shutdown")) {
        fgets(line, sizeof line, stdin);
        reason = (unsigned)atoi(argv[2]);
        hypercall(29, 2, (unsigned long)&reason, 0, 0, 0);
    }
    if (!strcmp(what, "say")) { /* on Xen's console, too */
        hypercall(18, 0, 4, (unsigned long)"said", 0, 0);
        hypercall(18, 0, 1, (unsigned long)"\n", 0, 0);
        fgets(line, sizeof line, stdin);
    }
    if (!strcmp(what, "lines"))
        for (int i = 0; i < atoi(argv[2]); i++)
            printf("line %d\n", i);
    if (!strcmp(what, "wait"))
        for (;;)
            hypercall(29, 1, 0, 0, 0, 0);
    return 0;
}
C
# shellcheck disable=SC2086
ok 'compile a guest' $GUEST_CC -c guest.c -o guest.o
ok 'link it' "$bin/halvm-ld" --halvm-target=xen -o guest guest.o
if [ ! -e guest.xen ]; then
    done_testing
    exit
fi

# cfg NAME EXTRA [LINE...]: a configuration of that name
cfg() {
    printf 'name = "%s"\nkernel = "guest.xen"\nmemory = 16\nextra = "%s"\n' "$1" "$2" >"$1.cfg"
    local name=$1
    shift 2
    [ $# = 0 ] || printf '%s\n' "$@" >>"$name.cfg"
}
# shellcheck disable=SC2317
state_is() { # NAME STATE: as list tells
    halvm list "$1" | grep -qE " +$2 +[0-9.]+\$"
}
# shellcheck disable=SC2317
is_gone() { ! halvm domid "$1"; }

# ---- domains ----

cfg wait wait
mkdir folder
cp wait.cfg folder/
cp guest.xen folder/
silent 'create' create wait.cfg
ok 'it waits' eventually state_is wait -b----
says 'another one of its name' 1 '^halvm create: wait.cfg: there is a domain "wait" already$' create wait.cfg
(cd folder && silent 'paths are those of the client' create wait.cfg 'name="second"' vcpus=2 memory=20)
tap_count=$((tap_count + 3))
ok 'it waits' eventually state_is second -b----
well 'list' list
ok 'list: in the order of numbers' diff - <(sed 's/ [0-9.]*$//' out) <<'END'
Name                                        ID   Mem VCPUs	State	Time(s)
Domain-0                                     0     8     1     r-----      
wait                                         1    16     1     -b----      
second                                       2    20     1     -b----      
END
well 'list of some' list 2 wait
ok 'list of some: in the order asked for' diff - <(sed 's/ [0-9.]*$//' out) <<'END'
Name                                        ID   Mem VCPUs	State	Time(s)
second                                       2    20     1     -b----      
wait                                         1    16     1     -b----      
END
well 'vcpu-list' vcpu-list second
ok 'vcpu-list: as of xl' diff - <(sed 's/ [0-9]\.[0-9]  / T  /' out) <<'END'
Name                                ID  VCPU   CPU State   Time(s) Affinity (Hard / Soft)
second                               2     0    0   -b-       T  all / all
second                               2     1    -   --p       T  all / all
END
well 'uptime' uptime
ok 'uptime: as of xl' diff - <(sed 's/0:0[0-9]:[0-9][0-9]$/T/' out) <<'END'
Name                                ID Uptime
Domain-0                             0  T
wait                                 1  T
second                               2  T
END
well 'uptime -s' uptime -s second
ok 'uptime -s: as of xl' has out '^ [0-9:]{8} up  0:0[0-9], second \(2\)$'
well 'info' info
ok 'info: memory' has out '^total_memory           : [0-9]+$'
well 'info of one key' info xen_major
ok 'info of one key: its value' cmp <(echo 4) out
well 'domid' domid second
ok 'domid: a number' cmp <(echo 2) out
well 'domname' domname 2
ok 'domname: a name' cmp <(echo second) out
well 'domname 0' domname 0
ok 'domname 0: a name' cmp <(echo Domain-0) out
says 'domid of nobody' 1 "^Can't get domid of domain name 'nobody', maybe this domain does not exist.\$" domid nobody
says 'domname of nobody' 1 "^Can't get domain name of domain id '77', maybe this domain does not exist.\$" domname 77
for command in destroy pause unpause console shutdown reboot 'rename nobody other'; do
    [ "$command" != "${command% *}" ] || command+=' nobody'
    # shellcheck disable=SC2086
    says "$command" 1 '^nobody is an invalid domain identifier \(rc=-6\)$' $command
done
says 'list of nobody' 1 '^nobody is an invalid domain identifier \(rc=-6\)$' list wait nobody
says 'list of no number' 1 "^Error: Domain '77' does not exist.\$" list 77
says 'destroy of domain 0' 1 '^Domain-0 is the daemon' destroy 0
says 'shutdown of none' 1 '^You must specify -a or a domain id.$' shutdown

silent 'pause' pause wait
ok 'it is paused' state_is wait -bp---
silent 'unpause' unpause 1
ok 'it is not' state_is wait -b----
says 'unpause once more' 1 '^halvm unpause: wait is not paused$' unpause wait
silent 'rename' rename second other
well 'its number' domid other
ok 'its number: the same' cmp <(echo 2) out
says 'its old name' 1 'Can.t get domid' domid second
well 'XenStore knows' xenstore-read /local/domain/2/name
ok 'XenStore knows: the new name' cmp <(echo other) out
says 'a name that is taken' 1 "^Can't rename domain 'other': \"wait\": there is a domain of that name" rename other wait
says 'a name that is too long' 1 'from 1 to 63 characters' rename other "$(printf '%064d' 0)"
says 'no name' 1 'from 1 to 63 characters' rename other ''
silent 'destroy' destroy other
ok 'it is gone' is_gone other

# ---- consoles ----

cfg echo echo
silent 'create -p' create -p echo.cfg
ok 'create -p: it is paused' state_is echo --p---
silent 'it goes on' unpause echo
# The console is a pipe first: bytes go in as they are, and the end of what is typed is a byte too.
printf 'one\ntwo\n\004' | halvm console echo >out 2>err
ok 'console: what was said before, and what is said then, until it ends' diff -u - out <<'END'
guest echo
got one
got two
end of input
END
ok 'it is gone' is_gone echo
run halvm create -c wait.cfg 'name="short"' 'extra="lines 30000"'
ok 'create -c: status 0 at its end' status_is 0
ok 'create -c: all that it said, though that is more than is kept' \
    diff -q <(echo guest lines 30000; seq -f 'line %.0f' 0 29999) out
silent 'create' create echo.cfg 'name="count"' 'extra="count"'
{ seq 40000; printf '\004'; } | halvm console count >out 2>err
ok 'console: more than any buffer holds' diff -u - out <<<$'guest count\n228894 bytes, 2497606'
silent 'create' create echo.cfg
seq 40000 >numbers
{ sed 's/^/echo /' numbers; printf '\004'; } | halvm console echo >out 2>err
ok 'console: both ways at once' diff -q <(echo guest echo; sed 's/^/got echo /' numbers; echo end of input) out
silent 'create' create echo.cfg
terminal() { # STEP... -- COMMAND
    status=0
    timeout 60 "$helpers/on-terminal" "$@" >out 2>err || status=$?
}
terminal '<guest echo' $'>hello\r' '<got hello' $'>\035' -- "$bin/halvm" console echo
ok 'a terminal: status 0 after Ctrl-], and it is as it was' status_is 0
ok 'a terminal: keys are not echoed' diff -u - out <<<$'guest echo\r\ngot hello\r'
ok 'it lives on' eventually state_is echo -b----
"$helpers/on-terminal" '<got hello' '<got both' $'>\035' -- "$bin/halvm" console echo >first 2>&1 &
first=$!
terminal '<got hello' $'>both\n' '<got both' $'>\035' -- "$bin/halvm" console echo
ok 'two at once: the one who types' status_is 0
status=0
wait $first || status=$?
ok 'two at once: the other one sees it' status_is 0
terminal '<got both' $'>\003x\n' $'<got \003x' $'>\004' '<end of input' -- "$bin/halvm" console echo
ok 'Ctrl-C is for the domain, Ctrl-D its end of file; its end is the end of the console' status_is 0
ok 'it is gone' is_gone echo
terminal '<guest echo' $'>q\r' '<got q' $'>\004' '<end of input' -- "$bin/halvm" create -c echo.cfg
ok 'create -c on a terminal' status_is 0
says 'a console of domain 0' 1 '^Domain-0 is' console 0

# Nobody is attached: nobody is waited for.
silent 'create' create wait.cfg 'name="chatty"' 'extra="lines 30000"' 'on_poweroff="preserve"'
ok 'a domain to whom nobody listens comes to its end' eventually state_is chatty ---s--
well 'its console' console chatty
ok 'its console: the last 64 KiB' cmp <(seq -f 'line %.0f' 0 29999 | tail -c 65536) out
silent 'it is destroyed' destroy chatty

# ---- what becomes of them ----

cfg kept 'exit 3' 'on_poweroff = "preserve"'
silent 'create' create kept.cfg
ok 'a program that ends with a status has been powered off' eventually state_is kept ---s--
ok 'which the log tells' has run/halvm/log '^halvm daemon: kept: ended with status 3$'
silent 'it is destroyed' destroy kept
for reason in '0 ---s--' '1 ---sr-' '3 ---sc-' '4 ---sw-'; do
    cfg kept "shutdown ${reason% *}" 'on_poweroff = "preserve"' 'on_reboot = "preserve"' \
        'on_crash = "preserve"' 'on_watchdog = "preserve"'
    silent 'create' create kept.cfg
    echo | halvm console kept >out 2>err
    ok "ended for reason ${reason% *}: list says so" eventually state_is kept "${reason#* }"
    silent 'it is destroyed' destroy kept
done
cfg again 'shutdown 1'
silent 'create one that reboots' create again.cfg
id=$(halvm domid again)
terminal '<guest shutdown 1' $'>\n' '<guest shutdown 1' $'>\035' -- "$bin/halvm" console again
ok 'its console goes on with its successor' status_is 0
well 'which has another number' domid again
ok 'which has another number: indeed' not [ "$(cat out)" = "$id" ]
cp guest.xen guest2.xen
silent 'destroy' destroy again
cfg again 'shutdown 1' 'kernel = "guest2.xen"'
silent 'create one that reboots' create again.cfg
echo damaged >guest2.xen
echo | halvm console again >out 2>err
ok 'one whose image has gone meanwhile is not made anew' eventually is_gone again
ok 'which the log tells' has run/halvm/log 'guest2.xen: not an ELF file'

# shellcheck disable=SC2317
is_asked() { [ "$(halvm xenstore-read "/local/domain/$1/control/shutdown")" = "$2" ]; }
# What is paused cannot answer yet.
silent 'create' create -p echo.cfg
id=$(halvm domid echo)
halvm shutdown -w echo >out2 2>err2 &
waiting=$!
ok 'shutdown: the domain is asked' eventually is_asked "$id" poweroff
silent 'it goes on' unpause echo
status=0
wait $waiting || status=$?
ok 'shutdown -w: status 0 when it has ended' status_is 0
ok 'shutdown -w: and says so, as xl does' diff -u - err2 <<END
Shutting down domain $id
Waiting for 1 domains
Domain $id has been destroyed
END
ok 'it is gone' is_gone echo
silent 'create' create echo.cfg 'on_reboot="preserve"'
id=$(halvm domid echo)
run halvm reboot -w echo
ok 'reboot -w: status 0' status_is 0
ok 'reboot -w: and says so, as xl does' diff -u - err <<END
Rebooting domain $id
Waiting for 1 domains
Domain $id has been shut down, reason code 1
END
ok 'it is kept' state_is echo ---sr-
run halvm shutdown -w echo
ok 'shutdown -w of one that has ended: status 0' status_is 0
silent 'destroy' destroy echo
silent 'create' create echo.cfg
# One that does not answer: it has nothing of a runtime's in its way of waiting.
run halvm shutdown -a
ok 'shutdown -a: status 0' status_is 0
ok 'shutdown -a: all' [ "$(grep -c '^Shutting down domain' err)" = 2 ]
ok 'shutdown -a: who answers is gone' eventually is_gone echo
ok 'shutdown -a: who does not is not' state_is wait -b----

# ---- Xen's console ring ----

silent 'create' create echo.cfg 'extra="say"'
# shellcheck disable=SC2317
has_said() { halvm dmesg | grep -q "^(d$1) said\$"; }
ok 'dmesg: what a guest says on it' eventually has_said "$(halvm domid echo)"
well 'dmesg -c' dmesg -c
ok 'dmesg -c: prints it' has out '^\(d[0-9]+\) said$'
well 'dmesg' dmesg
ok 'dmesg: nothing more' cmp /dev/null out
silent 'destroy' destroy echo

# ---- what bash completes ----

# shellcheck source=tools/completions/halvm
. "$top/tools/completions/halvm"
# completes WORD... : EXPECTED, one a line, on standard input; the last word is to be completed
# shellcheck disable=SC2317
completes() {
    COMP_WORDS=("$bin/halvm" "$@")
    COMP_CWORD=$#
    _halvm
    diff -u - <(printf '%s\n' ${COMPREPLY[0]+"${COMPREPLY[@]}"})
}
ok 'commands' completes xenstore-r <<<$'xenstore-read\nxenstore-rm'
ok 'options' completes shutdown --wa <<<--wait
ok 'files' completes create ec <<<echo.cfg
ok 'folders' completes create fol <<<folder
ok 'files in folders' completes run folder/g <<<folder/guest.xen
silent 'a domain with a space' create -p wait.cfg 'name="a long name"'
ok 'domains' completes console '' <<<$'wait\na long name'
ok 'those that begin so' completes destroy 'a lo' <<<'a long name'
ok 'a new name is nobody'"'"'s' completes rename wait '' <<<''
silent 'destroy' destroy 'a long name'
COMP_WORDS=(halvm '')
COMP_CWORD=1
_halvm
# shellcheck disable=SC2317
is_command() { halvm "$1" --help 2>&1 | grep -qiE 'usage|^halvm [0-9]'; }
for command in "${COMPREPLY[@]}"; do
    ok "there is a command $command" is_command "$command"
done
# The same ones are in the help: at the beginning of a line, "a, b, c" or "x-{a,b}".
help=$("$bin/halvm" help | sed -n 's/^  \([a-z].*\)$/\1/p' | sed 's/  .*//; s/ *[A-Z].*//; s/, / /g' | tr '\n' ' ')
ok 'they are those that are in the help' diff <(eval "echo $help" | tr ' ' '\n' | sort) \
    <(printf '%s\n' "${COMPREPLY[@]}" | sort)
ok 'values of options' completes trace --kind xen <<<xenstore
ok 'which can be anything' completes run --seed '' <<<''

# ---- XenStore ----

silent 'write' xenstore-write /a/b/c 'a value' /a/b/d $'\\t\\x41\\\\ü'
well 'read' xenstore-read /a/b/c
ok 'read: the value' cmp <(echo 'a value') out
well 'read -p' xenstore-read -p /a/b/c /a/b/d
ok 'read -p: with paths, escaped' diff -u - out <<'END'
/a/b/c: a value
/a/b/d: \tA\\\xc3\xbc
END
well 'read -R' xenstore-read -R /a/b/d
ok 'read -R: as it is' cmp <(printf '\tA\\ü') out
well 'list' xenstore-list /a/b
ok 'list: the names' cmp <(printf 'c\nd\n') out
well 'list -p' xenstore-list -p /a/b
ok 'list -p: the paths' cmp <(printf '/a/b/c\n/a/b/d\n') out
silent 'exists' xenstore-exists /a/b/c
run halvm xenstore-exists /a/x
ok 'exists: status 1 if not' status_is 1
ok 'exists: without a word' cmp /dev/null err
silent 'chmod' xenstore-chmod /a/b/c n0 r3 w4 b5
well 'ls' xenstore-ls /a
ok 'ls: a tree' diff -u - out <<'END'
b = ""
 c = "a value"
 d = "\tA\\\xc3\xbc"
END
well 'ls -p' xenstore-ls -p /a
ok 'ls -p: with permissions' diff -u - out <<'END'
b = "" . . . . . . . . . . . . . . . . . . . . . . . . . . .  (n0)
 c = "a value" . . . . . . . . . . . . . . . . . . . . . . .  (n0,r3,w4,b5)
 d = "\tA\\\xc3\xbc" . . . . . . . . . . . . . . . . . . . .  (n0)
END
well 'ls -f' xenstore-ls -f /a
ok 'ls -f: with paths' diff -u - out <<'END'
/a/b = ""
/a/b/c = "a value"
/a/b/d = "\tA\\\xc3\xbc"
END
silent 'write a long one' xenstore-write /a/long "$(printf '%0100d' 0)"
well 'ls' xenstore-ls /a
ok 'ls: it is cut' has out '^long = "0{68}\\\.\.\."$'
silent 'chmod -r' xenstore-chmod -r /a/b b0
well 'ls -fp' xenstore-ls -f -p /a/b
ok 'chmod -r: below too' [ "$(grep -c '(b0)$' out)" = 2 ]
silent 'rm' xenstore-rm /a/b/c
silent 'rm -t' xenstore-rm -t /a/b/d
run halvm xenstore-exists /a/b
ok 'rm -t: what is empty above goes too' status_is 1
silent 'but not' xenstore-exists /a
says 'read nothing' 1 "^halvm xenstore-read: couldn't read path /nothing\$" xenstore-read /nothing
says 'write to no path' 1 '^halvm xenstore-write: could not write path' xenstore-write '/a//' x
says 'list nothing' 1 '^halvm xenstore-list: could not list path /nothing$' xenstore-list /nothing
says 'rm nothing' 1 '^halvm xenstore-rm: could not remove path /nothing/at/all$' xenstore-rm /nothing/at/all
says 'ls nothing' 1 '^halvm xenstore-ls: xs_directory \(/nothing\): No such file' xenstore-ls /nothing
says 'chmod to what' 1 "^halvm xenstore-chmod: Invalid permission specification: 'x'\$" xenstore-chmod /a x1
says 'write without a value' 1 'Usage: halvm xenstore-write' xenstore-write /a
says 'read what' 1 'Usage: halvm xenstore-read' xenstore-read
says 'an option of others' 1 'Usage: halvm xenstore-read' xenstore-read -t /a
coproc watch { halvm xenstore-watch -n 2 /a/watched; }
watch_pid=$!
exec {events}<&"${watch[0]}"
read -r line <&$events
ok 'watch: its first event' [ "$line" = /a/watched ]
silent 'write there' xenstore-write /a/watched/one 1
read -r line <&$events
ok 'watch: a change' [ "$line" = /a/watched/one ]
status=0
wait $watch_pid || status=$?
ok 'watch -n 2: it ends' status_is 0

# ---- who misbehaves ----

frame() { # KIND STRING...: as the commands send it
    local kind=$1 size=0 string
    shift
    for string in "$@"; do
        size=$((size + ${#string} + 1))
    done
    # shellcheck disable=SC2059
    printf "HLV1\\x$kind\\0\\0\\0\\x$(printf '%02x' $((size % 256)))\\x$(printf '%02x' $((size / 256)))\\0\\0"
    [ $# = 0 ] || printf '%s\0' "$@"
}
answer() { timeout 60 "$helpers/to-socket" "$socket" 2>&1 | tr -d '\0' | tr -c '[:print:]\n' '.'; }
# shellcheck disable=SC2317
is_not_understood() { frame 00 "$@" | answer | grep -q 'does not understand the request'; }
ok 'a request that is sent by hand' eval 'frame 00 domid wait | answer | grep -q "^HLV1.*1$"'
ok 'an unknown request' eval 'frame 00 frob | answer | grep -q "does not know the request"'
ok 'one with too few arguments' eval 'frame 00 destroy | answer | grep -q "does not know the request"'
ok 'create without its values' eval 'frame 00 create "" x | answer | grep -q "does not know"'
create=(create '' x.cfg name '' "$work/guest.xen" '' '' 16777216 16777216 1 0 1 0 0)
for wrong in 4=0123456789abcdef0123456789abcdeg 3= 5=relative 6=relative 4=12 7="$(printf '%02000d' 0)" 8=-1 8=1 8=99999999999999999999 9=4096 10=0 \
    10=33 10= 11=9 14=x; do
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
hold() { # REQUEST...: one who asks and does not read; its process is in $held
    frame 00 "$@" >request
    coproc holder { exec "$helpers/to-socket" --hold "$socket" <request; }
    held=$!
    read -r line <&"${holder[0]}"
}
let_go() {
    kill "$held"
    wait "$held" 2>/dev/null
}
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

"$bin/halvm" daemon --foreground >out 2>&1 &
foreground_pid=$!
ok '--foreground' eventually halvm list
kill -INT "$foreground_pid"
status=0
wait $foreground_pid || status=$?
ok '--foreground: Ctrl-C ends it, status 0' status_is 0
done_testing
