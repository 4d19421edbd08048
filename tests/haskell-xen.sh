#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# The Haskell programs give natively and as guests on real Xen the same.
: "${bin:?set bin to the bin folder of the build}"
if [ -n "${NO_XEN-}" ]; then
    echo "1..0 # SKIP $NO_XEN"
    exit 0
fi
exec "$(dirname "$0")/haskell/run.sh" --halvm-ghc "$bin/halvm-ghc" --out "$bin/../tests/haskell/out" \
    --way xen --xen-test "$bin/halvm xen-test" --depends "$bin/../lib/halvm/stamp"
