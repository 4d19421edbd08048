#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# The commands of XenStore, with halvm daemon.
# shellcheck source=tests/commands/tap.sh
. "$(dirname "$0")/tap.sh"
# shellcheck source=tests/commands/daemon_helpers.sh
. "$top/tests/commands/daemon_helpers.sh"
silent 'the daemon starts' daemon

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

done_testing
