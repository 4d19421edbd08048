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

for source in "$top"/tests/libc/*.c; do
    name=$(basename "$source" .c)
    ok "$name: compile" gcc -O2 -D_FORTIFY_SOURCE=2 -fno-pie -w -c "$source" -o "$name.o"
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
done_testing
