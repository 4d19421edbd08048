#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# Hosts of several Haskell domains under halvm run: many of them, long conversations, and that the
# same seed is the same run.
# usage: scenarios.sh       SCENARIO_SEEDS=N: with N seeds instead of 1,000
# shellcheck source=tests/commands/tap.sh
. "$(dirname "$0")/commands/tap.sh"
programs=$top/tests/scenarios/programs
seeds=${SCENARIO_SEEDS:-1000}
if [ -n "${HOSTED_ONLY:-}" ]; then
    skip "scenarios" "this build's guests have instrumentation that needs a host"
    done_testing
    exit
fi

build() { # NAME: compiled for Xen
    "$bin/halvm-ghc" -v0 -O1 --target=xen "-i$programs" -outputdir "$1.objects" "$programs/$1.hs" -o "$1"
}
config() { # NAME PROGRAM MEMORY ARGUMENTS
    printf 'kernel = "%s.xen"\nmemory = %d\ncmdline = "%s"\n' "$2" "$3" "$4" >"$1.cfg"
}
for program in Ping Pong Race; do
    ok "compile $program" build "$program"
done

# ---- a long conversation, over an event channel and a granted page ----

config ping Ping 32 'a 1 2 100000'
config pong Pong 32 'b 2 1 100000'
talk() { # OPTION...
    run timeout 120 "$bin/halvm" run "$@" ping.cfg pong.cfg
    status_is 0 && has out '^ping: 100000 messages; the last answer is 100000$' &&
        has out '^pong: Answered 100000 of 100000$' && has out '^ping: Done$'
}
ok "100,000 messages" talk
ok "in virtual time" talk --virtual-time
ok "with a seed" talk --seed 20

# ---- what is left of it ----

config short-ping Ping 32 'a 1 2 1000'
config short-pong Pong 32 'b 2 1 1000'
# Errors of the host's, or memory that nobody has any more.
clean() { # OPTION...
    timeout 300 valgrind -q --leak-check=full --show-leak-kinds=definite --errors-for-leak-kinds=definite \
        --error-exitcode=99 "$bin/../lib/halvm/halvm-run" "$@" short-ping.cfg short-pong.cfg </dev/null
}
if [ -n "${SANITIZED:-}" ]; then
    skip "valgrind" "this build has instrumentation of its own"
else
    ok "valgrind: no error and nothing lost" clean
    ok "in virtual time" clean --virtual-time
    ok "with a seed, and traced" clean --seed 6 --trace short.trace
fi

# ---- many domains ----

cat >Many.hs <<'H'
import Control.Concurrent
import System.Environment
main :: IO ()
main = do
    [n] <- getArgs
    threadDelay (1000 * read n)
    putStrLn n
H
ok "compile one of many" "$bin/halvm-ghc" -v0 --target=xen Many.hs -o Many
many=()
for ((i = 1; i <= 200; i++)); do
    config "many$i" Many 32 "$i"
    many+=("many$i.cfg")
done
run timeout 120 "$bin/halvm" run "${many[@]}"
ok "200 domains in a process: status 0" status_is 0
ok "all have been there" cmp <(seq 200) <(sed 's/.*: //' out | sort -n)
run timeout 120 "$bin/halvm" run --virtual-time "${many[@]}"
ok "in virtual time: they wake one after the other" cmp <(seq 200) <(sed 's/.*: //' out)
run timeout 120 "$bin/halvm" run --seed 3 "${many[@]}"
ok "with a seed too" cmp <(seq 200) <(sed 's/.*: //' out)

# ---- one that is destroyed at any moment ----

for program in LifePeer LifeVictim; do
    ok "compile $program" build "$program"
    printf 'name = "%s"\nkernel = "%s.xen"\nmemory = 16\n' $program $program >$program.cfg
done
ok "destroyed at each of its first 2000 hypercalls, in turn, beside one that goes on" \
    timeout 600 "$bin/../tests/life/life" LifePeer.cfg LifeVictim.cfg 2000

# ---- seeds ----

config race-a Race 16 'a 1 2'
config race-b Race 16 'b 2 1'
race() { # SEED: twice, with equal output and trace; prints what came out, or what is wrong
    local i
    for i in 1 2; do
        timeout 60 "$halvm_run" --seed "$1" --trace "race.$1.$i" race-a.cfg race-b.cfg \
            >"race.$1.$i.out" 2>&1 || { echo "seed $1: status $?" && return; }
    done
    if ! cmp -s "race.$1.1.out" "race.$1.2.out" || ! cmp -s "race.$1.1" "race.$1.2"; then
        echo "seed $1: two runs differ: $("$bin/halvm" trace --compare "race.$1.1" "race.$1.2" | head -n 1)"
        return
    fi
    # Others write to the same file: in one piece.
    printf '%s\n' "$(tr '\n' ' ' <"race.$1.1.out")"
    rm -f "race.$1".*
}
export -f race
export bin halvm_run=$bin/../lib/halvm/halvm-run
seq "$seeds" | xargs -P 2 -I {} bash -c 'race {}' >outcomes 2>&1
ok "$seeds seeds of a race, each twice: equal traces" bash -c '! grep "^seed" outcomes'
ok "all have been there" [ "$(grep -c '^race-[ab]: ' outcomes)" = "$seeds" ]
ok "seeds differ" [ "$(sort -u outcomes | wc -l)" -gt $((seeds / 2)) ]
done_testing
