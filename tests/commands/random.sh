#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# Random numbers: from the processor, unless a run shall be repeatable; then from what the hypervisor says.
# shellcheck source=tests/commands/tap.sh
. "$(dirname "$0")/tap.sh"

cat >draw.c <<'C'
#include <stdint.h>
#include <stdio.h>
#include <sys/random.h>
int main(void)
{
    uint64_t x[3];
    getrandom(x, sizeof x, 0);
    printf("%016lx %016lx %016lx\n", x[0], x[1], x[2]);
    return x[0] == x[1] || x[1] == x[2];
}
C
gcc -O2 -fno-pie -c draw.c
ok 'a program that draws numbers' "$bin/halvm-ld" -o draw draw.o

draw() { # FILE [ARGUMENT...]
    local to=$1
    shift
    ./draw "$@" >"$to"
}
ok 'it draws' draw one
ok 'again' draw two
ok 'and gets others' bash -c '! cmp -s one two'
export HALVM='seed=5'
ok 'with a seed' draw one
ok 'again' draw two
ok 'it gets the same' cmp one two
ok 'with another command line' draw two x
ok 'it gets others' bash -c '! cmp -s one two'
unset HALVM

# The question to the hypervisor is an illegal instruction.
if [ -n "${SANITIZED:-}" ]; then
    skip 'under valgrind' 'this build has sanitizers, which exclude it'
elif ! command -v valgrind >/dev/null; then
    skip 'under valgrind' 'valgrind is not installed'
else
    ok 'under valgrind, which finds nothing' valgrind -q --error-exitcode=99 --log-file=log ./draw
    ok 'nor says anything' [ ! -s log ]
fi
done_testing
