#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# What a user can get wrong, and programs that die: one clear line (a report for a fault), a status,
# nothing lost.
. "$(dirname "$0")/tap.sh"
ghc() { "$bin/halvm-ghc" -v0 "$@"; }

cat >Bad.hs <<'H'
{-# LANGUAGE ForeignFunctionInterface #-}
import Control.Exception
import qualified Data.Map as Map
import Foreign
import System.Environment
foreign import ccall "divide" divide :: Int -> Int -> Int
foreign import ccall "overflow" overflow :: Int -> Int
main :: IO ()
main = do
    args <- getArgs
    putStrLn "started"
    case args of
        ["memory"] -> print (Map.size (Map.fromList [(i, show i) | i <- [1 .. 10000000 :: Int]]))
        ["stack"] -> print (foldr (+) 0 [1 .. 100000000 :: Integer])
        ["throw"] -> throwIO (userError "on purpose")
        ["loop"] -> let loop :: Int -> IO (); loop n = if n < 0 then print n else loop (n + 1) in loop 0
        ["divide"] -> print (1 `div` (length args - 1))
        ["cdivide"] -> print (divide 1 (length args - 1))
        ["wild"] -> poke (nullPtr `plusPtr` 0x123456789000) (1 :: Int)
        ["null"] -> peek (nullPtr :: Ptr Int) >>= print
        ["cstack"] -> print (overflow 1)
        ["file"] -> readFile "no-such-file" >>= putStr
        _ -> putStrLn "fine"
H
cat >bad.c <<'C'
long divide(long a, long b) { return a / b; }
long overflow(long a) { volatile char big[4096]; big[0] = 1; return a < 0 ? 0 : overflow(a + 1) + big[0]; }
C
target=both
[ -z "${HOSTED_ONLY:-}" ] || target=hosted # sanitizers and gcov are not on Xen
ok "compile" ghc -O1 -rtsopts -package containers --target="$target" Bad.hs bad.c -o bad

run env HALVM=memory=64 ./bad memory
ok "out of memory: status 251, as natively" status_is 251
ok "a line that says so" has err 'bad: (Heap exhausted|out of memory|heap exhausted)'
ok "what was printed before is there" has out '^started$'
run ./bad stack +RTS -K1m
ok "stack overflow: status 2" status_is 2
ok "a line that says so" has err '^bad: (stack overflow|Stack space overflow)'
run ./bad throw
ok "an exception: status 1" status_is 1
ok "its message" has err '^bad: user error \(on purpose\)$'
ok "in one line" one_line err
run ./bad divide
ok "div by zero: status 1" status_is 1
ok "its message" has err '^bad: divide by zero$'
run ./bad file
ok "a file that is not there: status 1" status_is 1
ok "its message" has err 'no-such-file: openFile: does not exist \(No such file or directory\)'

run ./bad wild
ok "a wild pointer: status 139" status_is 139
ok "a report: the domain" has err 'domain [0-9]+: page fault'
ok "the address and what is there" has err 'writing address 0x123456789000: not mapped'
ok "the instruction pointer and the RTS's state" has err 'rip 0x[0-9a-f]+.*RTS was running'
ok "its symbol" has err '[A-Za-z_]+\+0x[0-9a-f]+'
ok "what was printed before is there" has out '^started$'
ok "no core" [ -z "$(find . -name 'core*')" ]
run ./bad null
ok "a null pointer: status 139" status_is 139
ok "named so" has err 'reading address 0x0: a null pointer'
run ./bad cdivide
ok "C divides by zero: status 136" status_is 136
ok "a report" has err 'divide error'
run ./bad cstack
ok "C overflows its stack: status 139" status_is 139
ok "a report, by the shim, since there is no stack for the guest's own" \
    has err 'page fault: write at 0x[0-9a-f]+: not mapped'
ok "with the function" has err '\(overflow\+0x[0-9a-f]+\)'
if [ -n "${NO_XEN:-}" ]; then
    skip "a fault on Xen" "$NO_XEN"
else
    run "$bin/halvm" xen-test bad.xen cdivide
    ok "on Xen, C divides by zero: status 136" status_is 136
    ok "a report" has out '^bad: domain 0: divide error'
    ok "with the function" has err '^  at divide\+0x[0-9a-f]+$'
fi

# SIGINT ends a loop at once. The shell's own status would be 130.
mkfifo started
env --default-signal=INT ./bad loop >started 2>err & # a shell's background has it ignored
pid=$!
read -r line <started
ok "a loop has begun" [ "$line" = started ]
kill -INT "$pid"
status=0
wait "$pid" || status=$?
ok "Ctrl-C: status 130" status_is 130

options() { # HALVM REGEX DESCRIPTION
    run env "HALVM=$1" ./bad
    ok "HALVM='$1': status 2" status_is 2
    ok "one line" one_line err
    ok "which says what, where and what to do" has err "$2"
}
options 'memory=2' 'bad: HALVM: memory=2.*at least [0-9]+'
options 'memory=lots' 'bad: HALVM: memory="?lots"?.*number'
options 'vcpus=0' 'bad: HALVM: vcpus=0: must be from 1 to 32'
options 'memroy=64' 'bad: HALVM: unknown key "memroy".*"memory"'
options 'ramdisk=missing.tar' 'bad: HALVM:.*missing.tar: No such file or directory'
head -c 4096 /dev/urandom >noise.tar
run env HALVM=ramdisk=noise.tar ./bad
ok "a RAM disk that is no tar: status" [ "$status" != 0 ]
ok "one line" one_line err
ok "which says so" has err 'bad: RAM disk: .*tar'
mkdir tree && head -c 20000 /dev/zero >tree/file && tar -cf whole.tar tree && head -c 9000 whole.tar >cut.tar
run env HALVM=ramdisk=cut.tar ./bad
ok "a truncated RAM disk: status" [ "$status" != 0 ]
ok "one line" one_line err
ok "which says so" has err 'bad: RAM disk: .*truncated.*tree/file'

cat >missing.c <<'C'
int getaddrinfo_a(int, void *, int, void *);
int missing(void) { return getaddrinfo_a(0, 0, 0, 0); }
C
cat >Missing.hs <<'H'
{-# LANGUAGE ForeignFunctionInterface #-}
foreign import ccall "missing" missing :: IO Int
main :: IO ()
main = missing >>= print
H
run ghc Missing.hs missing.c -o missing
ok "a libc function that we do not have: the link fails" [ "$status" != 0 ]
ok "its name and the object that needs it" has err 'halvm-ld: .*getaddrinfo_a.*missing\.o'
run ghc NoSuch.hs -o none
ok "a source that is not there" [ "$status" != 0 ]
done_testing
