#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# halvm-ghc as its users call it: targets, packages, modules, C sources, Template Haskell, cabal.
. "$(dirname "$0")/tap.sh"
ghc() { "$bin/halvm-ghc" -v0 "$@"; }
prints() { # EXPECTED COMMAND...
    local expected=$1
    shift
    [ "$("$@" </dev/null)" = "$expected" ]
}

echo 'main = putStrLn "hello"' >Hello.hs
ok "Hello.hs -o hello" ghc Hello.hs -o hello
ok "runs" prints hello ./hello
ok "is a Linux executable with no interpreter" bash -c 'file=$(od -An -c -N4 hello); [[ $file == *E*L*F* ]]'
if [ -n "${HOSTED_ONLY:-}" ]; then
    skip "--target=xen" "this build's guests have instrumentation that needs a host"
else
    ok "--target=xen beside an up-to-date hello" ghc --target=xen Hello.hs -o hello
    ok "gives hello.xen" [ -s hello.xen ]
    rm -f hello hello.xen
    ok "--target=xen" ghc --target=xen Hello.hs -o hello
    ok "gives hello.xen" [ -s hello.xen ]
    ok "and no executable" [ ! -e hello ]
    ok "--target=both" ghc --target=both Hello.hs -o hello
    ok "gives both" [ -x hello -a -s hello.xen ]
fi
run ghc --target=linux Hello.hs -o hello
ok "an unknown target: status 2" status_is 2
ok "and a line that names the targets" has err 'unknown target "linux": hosted, xen or both'
ok "--help" bash -c "'$bin/halvm-ghc' --help | grep -q -- --target="
ok "--numeric-version is GHC's" prints 9.0.2 "$bin/halvm-ghc" --numeric-version
ok "halvm-ld --version" bash -c "'$bin/halvm-ld' --version | grep -q '^halvm-ld '"
ok "halvm-ld --help" bash -c "'$bin/halvm-ld' --help | grep -q '^Usage'"

mkdir -p Data/Deep
cat >Data/Deep/Module.hs <<'H'
module Data.Deep.Module (count) where
import qualified Data.Map as Map
count :: String -> [(Char, Int)]
count s = Map.toList (Map.fromListWith (+) [(c, 1) | c <- s])
H
cat >Main.hs <<'H'
import Data.Deep.Module
main :: IO ()
main = print (count "abca")
H
ok "several modules and a package" ghc -O1 -package containers Main.hs -o modules
ok "run" prints "[('a',2),('b',1),('c',1)]" ./modules

cat >twice.c <<'C'
#include <math.h>
#include <stdio.h>
#include <string.h>
int twice(int x) { char b[32]; snprintf(b, sizeof b, "%d", x); return x + (int)strlen(b) * 0 + x; }
double root(double x) { return sqrt(x) + floor(0.5); }
C
cat >FFI.hs <<'H'
{-# LANGUAGE ForeignFunctionInterface #-}
foreign import ccall "twice" twice :: Int -> Int
foreign import ccall "root" root :: Double -> Double
main :: IO ()
main = print (twice 21, root 16)
H
ok "C sources on the command line" ghc FFI.hs twice.c -o ffi
ok "run" prints "(42,4.0)" ./ffi

cat >Splice.hs <<'H'
{-# LANGUAGE TemplateHaskell #-}
module Splice (power) where
import Language.Haskell.TH
power :: Int -> Q Exp
power 0 = [| const 1 |]
power n = [| \x -> x * $(power (n - 1)) x |]
H
cat >TH.hs <<'H'
{-# LANGUAGE TemplateHaskell #-}
import Splice
main :: IO ()
main = print ($(power 5) (2 :: Int))
H
ok "Template Haskell" ghc TH.hs -o th
ok "run" prints 32 ./th

ok "-threaded is accepted" ghc -threaded Hello.hs -o threaded
ok "run" prints hello ./threaded
ok "-debug" ghc -debug Hello.hs -o debug
ok "run with sanity checks" prints hello ./debug +RTS -DS
ok "-rtsopts" ghc -rtsopts Hello.hs -o rtsopts
ok "run with +RTS -s" bash -c './rtsopts +RTS -s 2>&1 | grep -q "GC  *time"'
if [ -d "$("$bin/halvm-ghc" --print-libdir)/base-4.15.1.0/Prelude.p_hi" ] ||
    compgen -G "$("$bin/halvm-ghc" --print-libdir)/base-*/Prelude.p_hi" >/dev/null; then
    ok "-prof" ghc -prof -fprof-auto -osuf p_o -hisuf p_hi Hello.hs -o prof
    ok "run" prints hello ./prof
else
    skip "-prof" "ghc-prof is not installed"
fi

if command -v cabal >/dev/null; then
    mkdir -p project/src && cd project || exit 99
    cat >demo.cabal <<'H'
cabal-version: 2.4
name: demo
version: 0.1
executable demo
    main-is: Main.hs
    hs-source-dirs: src
    build-depends: base, containers
    default-language: Haskell2010
H
    cat >src/Main.hs <<'H'
import qualified Data.Set as Set
main :: IO ()
main = print (Set.toList (Set.fromList "cabal"))
H
    export HOME=$work CABAL_DIR=$work/.cabal
    mkdir -p "$CABAL_DIR"
    echo 'active-repositories: :none' >"$CABAL_DIR/config"
    ok "cabal build --with-compiler=halvm-ghc, offline" \
        cabal -v1 --offline build "--with-compiler=$bin/halvm-ghc" "--with-hc-pkg=$(command -v ghc-pkg)"
    demo=$(find dist-newstyle -type f -name demo -perm -u+x | head -n 1)
    ok "its program runs" prints '"abcl"' "${demo:-false}"
else
    skip "cabal build" "cabal-install is not installed"
fi
done_testing
