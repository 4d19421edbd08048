#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# halvm run --seeds: a run for each seed, and what is said of those that end badly.
# shellcheck source=tests/commands/tap.sh
. "$(dirname "$0")/tap.sh"

if [ -n "${HOSTED_ONLY:-}" ]; then
    skip "many seeds" "this build's guests have instrumentation that needs a host"
    done_testing
    exit
fi

seeds() { run timeout 120 "$bin/halvm" run --seeds "$@"; }
wrong() { # DESCRIPTION REGEX ARGUMENT...
    local what=$1 regex=$2
    shift 2
    run "$bin/halvm" run "$@"
    ok "$what: status 2" status_is 2
    ok "$what: one line" one_line err
    ok "$what: which says so" has err "^halvm run: $regex"
}
for range in 5 5- -5 0-3 4-3 1-x 1-2-3 '' 99999999999999999999-99999999999999999999; do
    wrong "--seeds '$range'" "--seeds $range: not FIRST-LAST, two numbers" --seeds "$range" a.cfg
done
wrong "--seeds alone" "--seeds needs a value" --seeds
wrong "jobs that are none" "--jobs 0: not a number from 1 to 1024" --seeds 1-2 --jobs 0 a.cfg
wrong "too many jobs" "--jobs 1025: not a number from 1 to 1024" --seeds 1-2 --jobs 1025 a.cfg
wrong "jobs without seeds" "--jobs is for --seeds" --jobs 2 a.cfg
wrong "one seed and many" "--seed or --seeds, not both" --seed 3 --seeds 1-2 a.cfg
wrong "a trace of many" "--seeds has no trace: with --seed N --trace" --seeds 1-2 --trace t a.cfg
wrong "a file that is not there" "nosuch.cfg: No such file" --seeds 1-1000 nosuch.cfg

# ---- two that lose an increment when the seed has it so ----

programs=$top/tests/scenarios/programs
ok "compile" "$bin/halvm-ghc" -v0 -O1 --target=xen "-i$programs" -outputdir o "$programs/Count.hs" -o count
for role in a b; do
    printf 'kernel = "count.xen"\nmemory = 16\ncmdline = "%s 1 2"\n' $role >$role.cfg
done
seeds 1-60 a.cfg b.cfg
ok "some of 60 seeds lose one: status 1" status_is 1
ok "one line says how many" one_line err
ok "and which" has err '^halvm run: 60 seeds, [1-9][0-9]? ended well; not [0-9]+(, [0-9]+)*(, \.\.\.)?$'
cp out many.out
cp err many.err
ok "their outputs come in order" cmp <(grep '^seed' out) <(grep '^seed' out | sort -n -k 2.1,2)
ok "each says what it lost" \
    [ "$(grep -c '^seed [0-9]*: status 1$' out)" = "$(grep -c '^a: counted [345] of 6$' out)" ]
ok "and nothing else is shown" bash -c '! grep -vE "^seed [0-9]+: status 1$|^a: counted|^halvm run: a: ended with status 1$" out'
seeds 1-60 --jobs 1 a.cfg b.cfg
ok "the same again, one at a time" cmp many.out out
ok "and the same line" cmp many.err err
seeds 1-60 --jobs 60 a.cfg b.cfg
ok "and all at a time" cmp many.out out

bad=$(sed -n 's/^seed \([0-9]*\): .*/\1/p' many.out | head -n 1)
run timeout 60 "$bin/halvm" run --seed "$bad" a.cfg b.cfg
ok "a bad seed alone: status 1" status_is 1
ok "loses the same" cmp <(sed -n 2p many.out) <(head -n 1 out)
seeds "$bad-$bad" a.cfg b.cfg
ok "one seed" has err '^halvm run: 1 seed, 0 ended well; not '"$bad\$"
good=$(comm -23 <(seq 60 | sort) <(sed -n 's/^seed \([0-9]*\): .*/\1/p' many.out | sort) | head -n 1)
seeds "$good-$good" a.cfg b.cfg
ok "a good one: status 0" status_is 0
ok "says nothing but that" cmp <(echo "halvm run: 1 seed, 1 ended well") <(cat out err)
ok "of the largest numbers" has <(seeds 18446744073709551613-18446744073709551615 a.cfg b.cfg; cat err) ' 3 seeds, '

# ---- output and ends ----

full() { "$bin/halvm" run --seeds "$bad-$bad" a.cfg b.cfg >/dev/full; }
run full
ok "a full disk: status 2" status_is 2
ok "which is said" has err '^halvm run: standard output: No space left on device$'
cat >Spin.hs <<'H'
main :: IO ()
main = print (length [1 :: Integer ..])
H
ok "compile one that goes on for ever" "$bin/halvm-ghc" -v0 --target=xen Spin.hs -o spin
# Each holds the pipe open by its descriptor 9: there is no end before all have ended.
killed() {
    "$bin/../lib/halvm/halvm-run" --seeds 1-4 --jobs 4 spin.xen 9>&1 &
    until [ "$(wc -w <"/proc/$!/task/$!/children")" = 4 ]; do sleep 0.02; done
    kill -s KILL $!
}
export -f killed
export bin
ok "runs end when what made them is killed" timeout 60 bash -c 'killed 2>&1 | cat'
done_testing
