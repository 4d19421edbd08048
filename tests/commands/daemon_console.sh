#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# Consoles of halvm daemon's domains, and Xen's console ring.
# shellcheck source=tests/commands/tap.sh
. "$(dirname "$0")/tap.sh"
# shellcheck source=tests/commands/daemon_helpers.sh
. "$top/tests/commands/daemon_helpers.sh"
needs_guests
make_guest
silent 'the daemon starts' daemon
cr=$'\r' # before each newline on a terminal

cfg wait wait
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

# ---- of one that is kept, and of its successor ----

cfg keep 'shutdown 3' 'on_crash="rename-restart"'
silent 'create' create keep.cfg
first=$(halvm domid keep)
terminal '<guest shutdown 3' $'>one\n' '<got one' '<guest shutdown 3' $'>two\n' '<got two' '<guest shutdown 3' \
    $'>\035' -- "$bin/halvm" console keep
ok 'whoever is attached sees the successors' status_is 0
ok 'in order' diff -u - out <<END
guest shutdown 3$cr
got one$cr
guest shutdown 3$cr
got two$cr
guest shutdown 3$cr
END
second=$(halvm list | sed -n 's/^keep-\([0-9]*\) .*/\1/p' | grep -vx "$first")
well 'the console of the first' console "keep-$first"
ok 'has what that one said' diff -u - out <<<$'guest shutdown 3\ngot one'
well 'the console of the second' console "keep-$second"
ok 'has what that one said, and no other' diff -u - out <<<$'guest shutdown 3\ngot two'
terminal '<guest shutdown 3' $'>\035' -- "$bin/halvm" console keep
ok 'the console of the one that lives' status_is 0
ok 'has what that one said, and no other' diff -u - out <<<"guest shutdown 3$cr"
for name in "keep-$first" keep "keep-$second"; do
    silent "destroy" destroy "$name"
done
life() { echo guest lines 20000; seq -f 'line %.0f' 0 19999; }
halvm create -c keep.cfg 'extra="lines 20000"' 'on_poweroff="rename-restart"' 2>err | head -n 40002 >out
ok 'who reads sees all of each, one after the other' diff -q out <(life; life)
destroy_kept() {
    halvm list | sed -n 's/^\(keep-[0-9]*\) .*/\1/p' | while read -r name; do halvm destroy "$name"; done
}
hold console keep
ok 'one who does not read makes one of them wait' eventually state_is keep -b----
destroy_kept
silent 'it is destroyed, as those are that he has not seen the end of' destroy keep
let_go
well 'the daemon lives' list

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

done_testing
