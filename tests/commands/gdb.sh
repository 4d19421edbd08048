#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# A debugger on a hosted program: breakpoints by name in the runtime, in the shim and in Haskell,
# and a backtrace from there, through Haskell, to where the shim entered the guest.
# shellcheck source=tests/commands/tap.sh
. "$(dirname "$0")/tap.sh"
if ! command -v gdb >/dev/null; then
    skip "gdb" "gdb is not installed"
    done_testing
    exit
fi
cat >Debugged.hs <<'H'
module Main (main, work) where
import Control.Concurrent
work :: [Int] -> [Int]
work xs = reverse (map (* 2) xs)
{-# NOINLINE work #-}
main :: IO ()
main = threadDelay 1000 >> print (work [1, 2, 3])
H
ok "compile" "$bin/halvm-ghc" -v0 -O1 Debugged.hs -o debugged

for where in event_wait:runtime hypercall:shim update_va_mapping_op:shim \
    sched_poll_op:shim Main_work_info:Haskell; do
    symbol=${where%:*}
    gdb -batch -nx -ex 'set breakpoint pending off' -ex "break $symbol" -ex run -ex bt -ex kill \
        ./debugged >out 2>err </dev/null
    ok "a breakpoint on $symbol (${where#*:})" has out "^Breakpoint 1, .*$symbol"
    ok "its backtrace reaches the guest's entry" has out '^#[0-9]+ .* in guest_start'
done
ok "the last one passes Haskell's entry" has out 'in __wrap_StgRun'
done_testing
