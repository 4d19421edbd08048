#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# Every source is in its folder's list: a file that is not would be neither built nor distributed.
: "${top:?set top to the source tree}"
cd "$top" || exit 99
count=0
for folder in runtime hypercall-shim sim tests/unit tests/model tests/fuzz; do
    list=$folder/local.mk
    [ -e "$list" ] || list=${folder%%/*}/local.mk
    missing=''
    while IFS= read -r file; do
        # tests/unit/test_x.c is listed as the program tests/unit/test_x.
        grep -qE "(^|[[:space:]])(${file//./\\.}|${file%.c})([[:space:]]|\$)" "$list" || missing+=" $file"
    done < <(find "$folder" -name '*.[chS]' | sort)
    count=$((count + 1))
    if [ -z "$missing" ]; then
        echo "ok $count - $list lists every source of $folder"
    else
        echo "not ok $count - $list lists every source of $folder"
        echo "# missing:$missing"
    fi
done
echo "1..$count"
