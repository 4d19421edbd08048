#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# refresh.sh [NAME...]: makes the patches here anew for the shim as it is: applies each, if need
# be with less context, and writes what it did. A patch that cannot be applied so is named; look
# for its lines by hand.
here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
bad=0
names=("$@")
[ ${#names[@]} -gt 0 ] || names=("$here"/*.patch)
for name in "${names[@]}"; do
    patch=$name
    [ -e "$patch" ] || patch=$here/$name.patch
    rm -rf "$work"/{a,b} && mkdir "$work"/{a,b}
    cp -r "$top/hypercall-shim" "$work/a/" && cp -r "$top/hypercall-shim" "$work/b/"
    if ! patch -s -p1 -F3 -d "$work/b" --no-backup-if-mismatch <"$patch" >/dev/null; then
        echo "$(basename "$patch"): its lines have changed" >&2
        bad=1
        continue
    fi
    {
        sed '/^--- /,$d' "$patch"
        (cd "$work" && diff -U2 -r a b | sed -e '/^diff /d' -e 's/^\(--- [^\t]*\)\t.*/\1/' -e 's/^\(+++ [^\t]*\)\t.*/\1/')
    } >"$work/new"
    cmp -s "$work/new" "$patch" || { cp "$work/new" "$patch" && echo "$(basename "$patch"): made anew"; }
done
exit $bad
