#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
#
# usage: purify.sh MUSL_LIBC_A OUTPUT_A
#
# Makes the archive of musl's pure members: those that make no system call and do not use the
# thread pointer (%fs:0x0), neither themselves nor through the two helpers of musl's that do.
# A guest is linked with this archive and never with the whole libc.a, so that a name that
# would need a kernel is a link error that tells the name.
#
# OBJDUMP and AR may be set.
set -eu
export LC_ALL=C

# Pure members that define a symbol of runtime/libc's beside another that nothing needs. If that
# other one pulled such a member into a link, the symbol would be there twice.
ours='__tz __xstat c_locale calloc execvp exit fclose freelocale legacy libc_calloc
    pthread_atfork quick_exit sem_open shm_open signal textdomain'

[ $# -eq 2 ] || { echo "usage: $0 MUSL_LIBC_A OUTPUT_A" >&2; exit 2; }
case $1 in /*) in=$1 ;; *) in=$PWD/$1 ;; esac
case $2 in /*) out=$2 ;; *) out=$PWD/$2 ;; esac

dir=$(mktemp -d "$out.XXXXXX")
trap 'rm -rf "$dir"' EXIT

# One pass over the whole archive: a header line names the member, the lines that follow are its
# instructions and relocations. Print the members that show nothing impure, in the archive's order.
# Members of one name overwrite each other when extracted, so both are left out; in musl 1.2.3
# these are clone, free and realloc, which are ours anyway.
${OBJDUMP:-objdump} -dr --no-show-raw-insn "$in" | awk -v ours="$(echo "$ours" | tr '\n' ' ')" '
    BEGIN {
        count = split(ours, list, " ")
        for (i = 1; i <= count; i++)
            bad[list[i] ".lo"] = bad[list[i] ".o"] = 1
        count = 0
    }
    / file format / {
        member = $1
        sub(/:$/, "", member)
        names[++count] = member
        if (seen[member]++)
            bad[member] = 1
        next
    }
    /\tsyscall|%fs:0x0([^0-9a-f]|$)|__syscall_cp|__syscall_ret/ { bad[member] = 1 }
    END { for (i = 1; i <= count; i++) if (!(names[i] in bad)) print names[i] }' > "$dir/members"

[ -s "$dir/members" ] || { echo "$0: no pure member in $in: is it an archive of musl?" >&2; exit 1; }

mkdir "$dir/objects"
cd "$dir/objects"
${AR:-ar} x "$in"
xargs "${AR:-ar}" rcD "$dir/pure.a" < "$dir/members"
mv "$dir/pure.a" "$out"
