#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
#
# Puts hosted.lds into the script that the host's linker uses by default.
#   make-hosted-lds.sh HOSTED_LDS OUTPUT LINKER FLAGS..., which make the linker print its script
set -eu
part=$1
output=$2
shift 2
"$@" 2>/dev/null | awk -v part="$part" '
    /^====/ { inside = !inside; next }
    !inside { next }
    { print }
    /SEGMENT_START\("text-segment", [0-9a-fx]+\) \+ SIZEOF_HEADERS;/ {
        while ((getline line < part) > 0)
            print line
        found = 1
    }
    END { exit !found }
' >"$output.tmp" || {
    rm -f "$output.tmp"
    echo "make-hosted-lds.sh: the linker of \"$*\" has a default script of another form" >&2
    exit 1
}
mv "$output.tmp" "$output"
