#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# halvm daemon --trace: the file can be read while the daemon runs, after it has ended and after it
# was killed; and a file that cannot be written costs no domain its life.
# shellcheck source=tests/commands/tap.sh
. "$(dirname "$0")/tap.sh"
# shellcheck source=tests/commands/daemon_helpers.sh
. "$top/tests/commands/daemon_helpers.sh"

for option in --virtual-time '--seed 7'; do
    # shellcheck disable=SC2086
    says "$option" 2 "^halvm daemon: ${option% *}: a daemon has real time, as its commands do; halvm run has ${option% *}\$" \
        daemon $option
done
says '--trace without a file' 2 '^halvm daemon: --trace needs a value; see --help$' daemon --trace
says '--trace with --stop' 2 '^halvm daemon: --trace is for a daemon that starts, not for --stop$' daemon --stop --trace x
says 'a trace that cannot be made' 2 '^halvm daemon: nosuch/x: No such file or directory$' daemon --trace nosuch/x
echo something >letter
says 'a file that is no trace' 2 '^halvm daemon: letter is there and is no trace: name another file$' daemon --trace letter
ok 'and it is as it was' cmp letter <(echo something)
ok 'no daemon is left' no_daemon

needs_guests
make_guest
cfg first 'exit 0'
cfg echo echo
cfg flood 'lines 20000'

# shellcheck disable=SC2317
trace_has() { # REGEX
    run halvm trace daemon.trace && status_is 0 && has out "$1"
}

# ---- while it runs ----

silent 'a daemon with a trace' daemon --trace daemon.trace
silent 'a domain' create first.cfg
ok 'the trace can be read while the daemon runs' eventually trace_has ' first +life destroyed$'
ok 'it has the beginning' has out ' first +life created domain=1$'
ok 'and hypercalls' has out ' first +SCHEDOP_'
ok 'and the console' has out ' first +console "guest exit 0"$'
ok 'and what XenStore was asked' has out ' Domain-0 +xenstore <- XS_RELEASE '
ok 'a note says that there is no end yet' has err \
    '^halvm trace: daemon.trace: note: ends after [0-9]+ records without an end: the run was cut short, or is not over$'
ok 'and nothing else' one_line err
silent 'a domain that writes much' create flood.cfg
# shellcheck disable=SC2317
reads_until_gone() {
    while halvm domid flood >/dev/null 2>&1; do
        run halvm trace --kind console daemon.trace
        status_is 0 && one_line err || return 1
    done
}
ok 'the trace can be read at any moment meanwhile' reads_until_gone
ok 'it has the last line' eventually trace_has ' flood +console "line 19999"$'
size=$(stat -c %s daemon.trace)
# shellcheck disable=SC2317
reads_cut() {
    for ((i = 1; i < 40; i++)); do
        head -c $((size - i)) daemon.trace >cut.trace
        run halvm trace --kind life cut.trace
        status_is 0 && one_line err || return 1
    done
}
ok 'a last record that is there in part is as one that is not there' reads_cut

# ---- after its end ----

pid=$(daemon_pid)
silent 'a domain' create echo.cfg
ok 'it is in the trace' eventually trace_has ' echo +console "guest echo"$'
kill -9 "$pid"
ok 'the daemon is killed' eventually no_daemon
run halvm trace daemon.trace
ok 'its trace can be read: status 0' status_is 0
ok 'it has what was last' has out ' echo +SCHEDOP_'
ok 'a note says so' has err 'without an end: the run was cut short, or is not over$'
ok 'and nothing else' one_line err
silent 'another daemon, with the same file' daemon --trace daemon.trace
silent 'a domain' create echo.cfg
silent 'which is destroyed' destroy echo
silent 'it ends' daemon --stop
ok 'it has ended' eventually no_daemon
run halvm trace daemon.trace
ok 'the trace of a daemon that has ended: status 0' status_is 0
ok 'has the domain' has out ' echo +life destroyed$'
ok 'and no other' not grep -q ' first ' out
ok 'and an end' cmp /dev/null err
run halvm trace --real daemon.trace
ok 'with real times' has out '^ +[0-9]+\.[0-9]{9} +[0-9]+\.[0-9]{9} echo '

# ---- a file that cannot be written ----

silent 'a daemon whose trace finds no room' daemon --trace /dev/full
silent 'a domain' create flood.cfg
ok 'it comes to its end' eventually is_gone flood
well 'the daemon goes on' list
ok 'which its log tells' eventually has run/halvm/log \
    '^halvm daemon: /dev/full: No space left on device: the trace is not complete$'
ok 'once' one_line run/halvm/log
silent 'it ends' daemon --stop
ok 'it has ended' eventually no_daemon

# ---- without one ----

silent 'a daemon without a trace' daemon
cfg fault fault
silent 'a domain with a fault' create fault.cfg
ok 'it is gone' eventually is_gone fault
ok 'its report has its last hypercalls' has run/halvm/log '^fault:   its last hypercalls:$'
silent 'it ends' daemon --stop
done_testing
