#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# The Haskell programs give natively and as guests in Linux processes the same.
: "${bin:?set bin to the bin folder of the build}"
exec "$(dirname "$0")/haskell/run.sh" --halvm-ghc "$bin/halvm-ghc" --out "$bin/../tests/haskell/out" \
    --way hosted --depends "$bin/../lib/halvm/stamp"
