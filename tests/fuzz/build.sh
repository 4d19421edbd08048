#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# build.sh SRCDIR KIND: builds the fuzzer tests/fuzz/KIND in the build tree, for "make fuzz".
#   libfuzzer  fast: counts which branches of the shim run, nothing else
#   sanitized  the same with AddressSanitizer and UBSan
#   afl        AFL++'s, in its persistent mode: afl-fuzz -i CORPUS -o OUT tests/fuzz/afl
# The harness and the model are not instrumented: what they do is not news.
set -e
top=${1:?source tree} kind=${2:?kind}
: "${CC:?the compiler}" "${CPPFLAGS?}" "${WRAP:?options for the linker}"
objects=tests/fuzz/objects/$kind
count='' link='' common='-O2'
case $kind in
libfuzzer) count='-fsanitize-coverage=inline-8bit-counters,pc-table' link='-fsanitize=fuzzer' ;;
sanitized)
    # clang does not define the macro by which gcc tells that AddressSanitizer is there.
    common='-O1 -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=undefined'
    common+=' -D__SANITIZE_ADDRESS__'
    count='-fsanitize-coverage=inline-8bit-counters,pc-table' link="-fsanitize=fuzzer $common"
    ;;
afl) link='-fsanitize=fuzzer' ;;
*) echo "build.sh: no kind $kind" >&2; exit 2 ;;
esac

mkdir -p "$objects"
linked=() # and nothing of a source that is gone
# shellcheck disable=SC2086 # lists of options
compile() {
    local options=$1 file=$2 object
    object=$objects/$(basename "$(dirname "$file")")-$(basename "$file").o
    linked+=("$object")
    if [ -n "$changed" ] || [ ! "$object" -nt "$file" ]; then
        $CC -std=gnu11 -g $common $options -I"$top/hypercall-shim" -I"$top/tests/model" \
            -I"$top/tests/fuzz" $CPPFLAGS -c "$file" -o "$object"
    fi
}

# A header that changed changes everything.
changed=$(find "$top"/hypercall-shim "$top"/tests/model "$top"/tests/fuzz -name '*.h' -newer "$objects/done" 2>/dev/null ||
    echo everything)
for file in "$top"/hypercall-shim/*.[cS]; do
    compile "$count" "$file"
done
# What afl-clang-fast instruments cannot be chosen file by file, but for a variable.
for file in "$top"/tests/model/{frames,grants,memory,mirror,model,page_tables,ports,scheduler}.c \
    "$top"/tests/fuzz/{machine,program,shapes,undo,value,fuzz}.c; do
    AFL_LLVM_DENYLIST="$top/tests/fuzz/deny.txt" compile '' "$file"
done
# shellcheck disable=SC2086
$CC $link "${linked[@]}" $WRAP -o "tests/fuzz/$kind"
touch "$objects/done"
echo "tests/fuzz/$kind"
