#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# The guest's C library, as a user's C sources meet it: compiled with the system's headers and
# its checked functions, run hosted with a small RAM disk.
# shellcheck source=tests/commands/tap.sh
. "$(dirname "$0")/../commands/tap.sh"

mkdir -p tree/dir
printf 'first line\nsecond line\n' >tree/lines.txt
echo inner >tree/dir/inner
ln -s lines.txt tree/link
tar -C tree --format=ustar -cf tree.tar dir lines.txt link

# What programs include stands alone.
for header in "$bin"/../lib/halvm/include/halvm/*.h; do
    ok "halvm/${header##*/}: alone" gcc -std=c99 -Wall -Wextra -Werror -pedantic -x c -fsyntax-only "$header"
done

for source in "$top"/tests/libc/*.c; do
    name=$(basename "$source" .c)
    ok "$name: compile" gcc -O2 -D_FORTIFY_SOURCE=2 "-I$bin/../lib/halvm/include" -fno-pie -w -c "$source" -o "$name.o"
    ok "$name: link" "$bin/halvm-ld" -o "$name" "$name.o"
    HALVM=ramdisk=tree.tar "./$name" >"$name.out" 2>err </dev/null
    while IFS= read -r line; do
        case $line in
        "ok "* | "not ok "*)
            tap_count=$((tap_count + 1))
            echo "${line%% [0-9]*} $tap_count - $name: ${line#* - }"
            ;;
        esac
    done <"$name.out"
    ok "$name: ran to its end" grep -q '^1\.\.' "$name.out"
done
# Ends that are reported: one line, and the status that a Linux process would have.
cat >deaths.c <<'C'
#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
static void overflow(size_t n) { char small[8]; memset(small, 'x', n), write(1, small, 0); }
int main(int argc, char **argv)
{
    char *p = malloc(40);
    switch (argv[1][0]) {
    case 'a': abort();
    case 'd': free(p), free(p); break;
    case 'b': free(p + 8); break;
    case 'o': overflow(20 + (size_t)argc); break;
    case 'A': assert(argc == 5); break;
    case 'k': raise(15); break;
    case 'e': exit(7);
    }
    return 0;
}
C
gcc -O2 -D_FORTIFY_SOURCE=2 -fno-pie -w -c deaths.c && "$bin/halvm-ld" -o deaths deaths.o
death() { # ARGUMENT STATUS REGEX WHAT
    run ./deaths "$1"
    ok "$4: status $2" status_is "$2"
    [ -z "$3" ] || ok "$4: a line that says so" has err "$3"
}
death abort 134 '' 'abort()'
death double 134 '^deaths: .*free' 'a block that is freed twice'
death bad 134 '^deaths: .*free' 'a pointer that is no block'
death overflow 134 '^deaths: buffer overflow' 'a buffer that overflows'
death Assert 134 'deaths.c:[0-9]+.*argc == 5|argc == 5.*deaths.c' 'a failed assertion'
death kill 143 '' 'SIGTERM to itself'
death exit 7 '' 'exit(7)'
done_testing
