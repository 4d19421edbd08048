#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# Domains that are destroyed at each of their first hypercalls, and made anew again and again, beside
# one that they talk to and that lives on: nothing may be left of them (tests/life/life.c).
# shellcheck source=tests/commands/tap.sh
. "$(dirname "$0")/tap.sh"
: "${GUEST_CC:?}"

if [ -n "${HOSTED_ONLY:-}" ]; then
    skip "domains that end" "this build's guests have instrumentation that needs a host"
    done_testing
    exit
fi

# shellcheck disable=SC2086
ok "compile" $GUEST_CC -c "$top/tests/life/guest.c" -o guest.o
ok "link" "$bin/halvm-ld" --halvm-target=xen -o guest guest.o
for role in peer victim reboot; do
    printf 'name = "%s"\nkernel = "guest.xen"\nmemory = 8\nextra = "%s"\n' $role $role >$role.cfg
done
life() {
    timeout 300 "$bin/../tests/life/life" "$@" </dev/null
}
ok "destroyed at each of its first 2000 hypercalls, in turn" life peer.cfg victim.cfg 2000
ok "restarted a thousand times" life peer.cfg reboot.cfg 1000 restart
done_testing
