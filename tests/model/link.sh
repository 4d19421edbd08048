# SPDX-License-Identifier: BSD-3-Clause
#
# Hosted programs that the model watches (hosted.c): the same guest object as in a program that
# halvm-ld has linked, with the same libraries. To be sourced; needs $bin and $HOSTED_WRAP.
# shellcheck shell=bash
lib=$bin/../lib/halvm
# shellcheck source=/dev/null
. "$lib/config.sh"
: "${HOSTED_WRAP:?}"

link_watched() { # OUTPUT SCRIPT OBJECT...
    local output=$1 script=$2
    shift 2
    # shellcheck disable=SC2086
    $HALVM_HOSTED_LINK $HOSTED_WRAP -T "$script" -o "$output" $HALVM_HOSTED_START "$@" \
        "$bin/../tests/model/libwatch.a" "$lib/libhosted.a" $HALVM_HOSTED_END
}
