#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# halvm xen-domains: what a user can get wrong, what comes from a domain's console and its end, and
# the time limit.
# shellcheck source=tests/commands/tap.sh
. "$(dirname "$0")/tap.sh"
: "${GUEST_CC:?}"
domains() { run "$bin/halvm" xen-domains "$@"; }

domains --help
ok 'help: status 0' status_is 0
ok 'it tells the usage' has out '^Usage: halvm xen-domains '
refuses() { # STATUS REGEX ARGUMENT...: in one line
    local status_wanted=$1 regex=$2
    shift 2
    domains "$@"
    status_is "$status_wanted" && has err "^halvm xen-domains: $regex" && one_line err
}
ok 'no domain' refuses 2 'no domain given' --timeout 5
ok 'an unknown option' refuses 2 'unknown option "--frobnicate"' --frobnicate x.xen
ok 'an option without its value' refuses 2 '--output wants a value' --output
ok 'a time that is none' refuses 2 '--timeout: "soon" is not a number' --timeout soon x.xen
ok '--then with nothing before it' refuses 2 '--then: no domain is before it' --then x.xen
ok '--then with nothing after it' refuses 2 '--then: no domain is after it' x.xen --then
ok 'a hypervisor that is not there' refuses 125 'cannot read /nowhere' --xen /nowhere --dom0 /nowhere x.xen

if [ -n "${NO_XEN_DOMAINS:-}" ]; then
    skip 'domains on Xen' "$NO_XEN_DOMAINS"
    done_testing
    exit 0
fi

cat >guest.c <<'C'
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <xen/sched.h>
#include "core/hypercall.h"
int main(int argc, char **argv)
{
    const char *what = argc > 1 ? argv[1] : "";

    if (!strcmp(what, "bytes")) {
        for (int i = 0; i < 20000; i++)
            putchar(i * 7 + i / 256);
        return 0;
    }
    puts("started");
    fflush(stdout);
    if (!strcmp(what, "faults"))
        *(volatile char *)0x123456789000 = 1;
    while (!strcmp(what, "stays"))
        hypercall(__HYPERVISOR_sched_op, SCHEDOP_block, 0, 0, 0, 0);
    return 7;
}
C
# shellcheck disable=SC2086
ok 'a guest is compiled' $GUEST_CC -c guest.c -o guest.o
ok 'and linked' "$bin/halvm-ld" --halvm-target=both -o guest guest.o
for what in bytes faults stays fails; do
    printf "kernel = 'guest.xen'\nmemory = 16 # MiB\nextra = \"%s\"\n" $what >$what.cfg
done
printf 'kernel = "guest.xen"\nmemory = 16\nvcpus = many\n' >wrong.cfg
echo 'memory = 16' >kernelless.cfg
echo 'kernel = "guest.xen"' >memoryless.cfg
printf 'kernel = "wrong.cfg"\nmemory = 16\n' >text.cfg
printf 'name = "bytes"\nkernel = "guest.xen"\nmemory = 16\n' >same.cfg
ok 'a file that is not there' refuses 125 'cannot read none.cfg' none.cfg
ok 'a configuration without a kernel' refuses 125 'kernelless.cfg: no kernel = "FILE" in it' kernelless.cfg
ok 'one without memory' refuses 125 'memoryless.cfg: no memory = MIB in it' memoryless.cfg
ok 'a kernel that is none' refuses 125 'text.cfg: wrong.cfg is no ELF image' text.cfg
ok 'two domains of one name' refuses 125 'same.cfg: there are two domains "bytes"' bytes.cfg same.cfg

domains --timeout 10 --output results wrong.cfg bytes.cfg faults.cfg fails.cfg stays.cfg
ok 'the time limit: status 124' status_is 124
[ "$status" = 124 ] || tail -n 100 results/dom0.log | sed 's/^/# /'
ok 'a line that says so' has err '^halvm xen-domains: not all ended after 10 seconds; stopped$'
./guest bytes >expected
ok 'a console comes byte for byte' cmp expected results/bytes.console
ok 'and how its domain ended' has results/bytes.ended '^powered off$'
ok "a program's status is not 0: the domain has crashed, for Xen" has results/fails.ended '^crashed$'
ok 'which is told' has err '^halvm xen-domains: fails: crashed$'
ok 'a fault: crashed' has results/faults.ended '^crashed$'
ok 'what was written before it is there' has results/faults.console '^started$'
ok 'and a report: the domain' has results/faults.console '^guest: domain 2: page fault$'
ok 'the address' has results/faults.console 'writing address 0x123456789000: not mapped$'
ok 'what xl does not take is not started' has results/wrong.ended '^not started$'
ok 'what xl said of it is shown' has err '^  .*config parsing error'
ok 'a domain that does not end is still running' has results/stays.ended '^still running$'
ok 'with what it had written' has results/stays.console '^started$'
ok 'a log of all else' has results/dom0.log '\(XEN\) Xen version'
done_testing
