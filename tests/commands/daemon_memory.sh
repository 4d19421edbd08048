#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# mem-set and mem-max: what they answer, and that a domain gives back what it does not need, gets no
# more than it may have, and grows again. Programs in C and in Haskell.
# shellcheck source=tests/commands/tap.sh
. "$(dirname "$0")/tap.sh"
# shellcheck source=tests/commands/daemon_helpers.sh
. "$top/tests/commands/daemon_helpers.sh"

needs_guests
make_guest
silent 'the daemon starts' daemon
# shellcheck disable=SC2317
has_mib() { # NAME MOST [LEAST]: as list tells
    local mib
    mib=$(halvm list "$1" | awk 'NR == 2 { print $3 }')
    ((mib <= $2 && mib >= ${3-0})) || { echo "$1 has $mib MiB"; return 1; }
}
# shellcheck disable=SC2317
store_is() { [ "$(halvm xenstore-read "/local/domain/$1")" = "$2" ]; }

# ---- what they answer ----

cfg use use 'memory = 64' 'maxmem = 96'
silent 'create' create use.cfg
id=$(halvm domid use)
for command in mem-set mem-max; do
    says "$command of nobody" 1 '^nobody is an invalid domain identifier \(rc=-6\)$' $command nobody 32
    says "$command without a size" 2 "^halvm $command: an argument is missing: halvm $command DOMAIN SIZE\$" $command use
    for size in '' x 12x 12mm -5 99999999999999999999; do
        says "$command '$size'" 1 "^invalid memory size: $size\$" $command -- use "$size"
    done
done
says 'more than the maximum' 1 "^cannot set domid $id dynamic max memory to : 97: its static maximum is 96 MiB\$" mem-set use 97
says 'a maximum below the target' 1 "^cannot set domid $id static max memory to : 63: its target is 64 MiB\$" mem-max use 63
says 'memory of domain 0' 1 '^Domain-0 is the daemon' mem-set 0 32
ok 'nothing has changed' store_is "$id/memory/target" 65536

# ---- a program in C ----

ok 'it has its memory' has_mib use 64 64
silent 'less' mem-set use 32
ok 'the target is in XenStore, in KiB' store_is "$id/memory/target" 32768
ok 'and the maximum is what it was' store_is "$id/memory/static-max" 98304
ok 'the domain gives back what it does not need' eventually has_mib use 32 32
terminal '<guest use' $'>4\n' '<has 4' $'>48\n' '<no 48' $'>\035' -- "$bin/halvm" console use
ok 'it has room for a bit, and not for more than the target' status_is 0
silent 'as much as it may have' mem-set use 96m
terminal $'>60\n' '<has 60' $'>\035' -- "$bin/halvm" console use
ok 'it grows again' status_is 0
ok 'which the list tells' has_mib use 96 64
silent 'less than it uses' mem-set use 32768k
ok 'is what it shall have' store_is "$id/memory/target" 32768
terminal $'>9\n' '<no 9' $'>0\n' '<has 0' $'>\035' -- "$bin/halvm" console use
ok 'it keeps what it uses, and gets no more' status_is 0
ok 'when it has freed that it gives it back' eventually has_mib use 32 32
silent 'a higher maximum' mem-max use 160
ok 'which is in XenStore' store_is "$id/memory/static-max" 163840
silent 'and all of that' mem-set use 160
terminal $'>120\n' '<has 120' $'>0\n' '<has 0' $'>\035' -- "$bin/halvm" console use
ok 'it grows to it, beyond what it had when it began' status_is 0
for ((i = 0; i < 5; i++)); do
    silent 'up' mem-set use 160
    terminal $'>100\n' '<has 100' $'>0\n' '<has 0' $'>\035' -- "$bin/halvm" console use
    ok 'up: it has it' status_is 0
    silent 'and down' mem-set use 24
    ok 'and down: it has given it back' eventually has_mib use 24 24
done
silent 'a target that no program can live with' mem-set use 0
ok 'it gives what it can' eventually has_mib use 20
terminal $'>0\n' '<has 0' $'>\035' -- "$bin/halvm" console use
ok 'and lives' status_is 0
silent 'destroy' destroy use

cfg again 'shutdown 1' 'memory = 32' 'maxmem = 64'
silent 'one that reboots' create again.cfg
id=$(halvm domid again)
silent 'other sizes' mem-max again 48
silent 'other sizes' mem-set again 40
echo | halvm console again >out 2>err &
console=$!
# shellcheck disable=SC2317
has_successor() { [ "$(halvm domid again)" != "$id" ] && halvm domid again; }
ok 'it reboots' eventually has_successor
kill $console
ok 'its successor has them' has_mib again 40 40
ok 'in XenStore, too' store_is "$(halvm domid again)/memory/static-max" 49152
silent 'destroy' destroy again

# ---- a program in Haskell ----

cat >Heap.hs <<'HS'
module Main (main) where

import Control.Exception
import Control.Monad
import qualified Data.ByteString as B
import Data.IORef
import System.IO
import System.Mem

main :: IO ()
main = do
  hSetBuffering stdout LineBuffering
  putStrLn "ready"
  held <- newIORef []
  forever $ do
    n <- readLn
    if n == (0 :: Int)
      then writeIORef held [] >> performMajorGC >> putStrLn "none"
      else do
        got <- try (forM [1 .. n] (evaluate . B.replicate 1000000 . fromIntegral))
        case got of
          Left HeapOverflow -> putStrLn ("no " ++ show n)
          Left e -> throwIO e
          Right more -> modifyIORef held (more ++) >> putStrLn ("has " ++ show n)
HS
ok 'compile it' "$bin/halvm-ghc" --target=xen -package bytestring Heap.hs -outputdir o -o heap
printf 'name = "heap"\nkernel = "heap.xen"\nmemory = 192\n' >heap.cfg
silent 'create' create heap.cfg
ok 'it has its memory' has_mib heap 192 192
silent 'less' mem-set heap 48
ok 'it gives back what it does not need' eventually has_mib heap 48 48
terminal '<ready' $'>10\n' '<has 10' $'>40\n' '<no 40' $'>\035' -- "$bin/halvm" console heap
ok 'the heap is limited by what the domain has now' status_is 0
silent 'more' mem-set heap 192
terminal $'>40\n' '<has 40' $'>\035' -- "$bin/halvm" console heap
ok 'it has more room' status_is 0
silent 'less than it uses' mem-set heap 48
terminal $'>0\n' '<none' $'>0\n' '<none' $'>\035' -- "$bin/halvm" console heap
ok 'it lives' status_is 0
ok 'and gives back what the heap needs no more' eventually has_mib heap 48 48
silent 'destroy' destroy heap
silent 'the daemon ends' daemon --stop
done_testing
