#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# usage: GUEST_CC=... bench.sh --bin DIR --out DIR   (make bench calls it)
#
# What a unikernel costs or saves against the native program, as ratios measured here and now:
# both sides in turn, medians. And what the hypervisor's operations cost, against what each of them
# cannot do without. It prints a table and never fails on a ratio.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
bin='' out=''
while [ $# -ge 2 ]; do
    case $1 in
    --bin) bin=$(cd "$2" && pwd) ;;
    --out) mkdir -p "$2" && out=$(cd "$2" && pwd) ;;
    *) break ;;
    esac
    shift 2
done
if [ -z "$bin" ] || [ -z "$out" ] || [ $# -gt 0 ]; then
    echo "usage: bench.sh --bin DIR --out DIR" >&2
    exit 2
fi
# shellcheck source=/dev/null
. "$bin/../lib/halvm/config.sh"
exec_time=$bin/../tests/bench/exec-time
pairs=${BENCH_PAIRS:-200}
turns=${BENCH_TURNS:-7}
unset GHCRTS HALVM

# line WHAT MEASURED LIMIT UNIT [DETAIL]: one row; the verdict is whether MEASURED <= LIMIT.
line() {
    awk -v what="$1" -v got="$2" -v limit="$3" -v unit="$4" -v detail="${5-}" 'BEGIN {
        printf "%-44s %9.2f %-4s %9.2f  %-4s %s\n", what, got, unit, limit,
            got <= limit ? "ok" : "OVER", detail }'
}

# make WAY NAME SOURCE [FLAG...]: WAY is hosted, native or static.
make() {
    local way=$1 name=$2 source=$3 compiler=("$HALVM_GHC")
    shift 3
    case $way in
    hosted) compiler=("$bin/halvm-ghc") ;;
    static) compiler+=(-optl-static) ;;
    esac
    rm -f "$out/$name.$way"
    "${compiler[@]}" -v0 -O1 -outputdir "$out/$name.objects" "$source" -o "$out/$name.$way" "$@" \
        2>"$out/$name.$way.log" || { cat "$out/$name.$way.log" >&2; return 1; }
}

compare() { # PAIRS A -- B: median A, median B, ratio
    "$exec_time" "$@"
}

cat >"$out/Hello.hs" <<'H'
main :: IO ()
main = putStrLn "Hello"
H
cat >"$out/Wait.hs" <<'H'
import System.IO
main :: IO ()
main = putStrLn "Hello" >> hFlush stdout >> getLine >>= putStrLn
H
for way in hosted native static; do
    make "$way" hello "$out/Hello.hs"
    make "$way" wait "$out/Wait.hs"
done
"$bin/halvm-ghc" -v0 -O1 --target=xen -outputdir "$out/hello.objects" -fforce-recomp \
    "$out/Hello.hs" -o "$out/hello" 2>/dev/null || true

printf '%-44s %9s %-4s %9s  %-4s\n' 'measured against the native program' ratio '' limit ''

hello() { # WAY LIMIT WHAT
    local a b ratio
    read -r a b ratio < <(compare "$pairs" "$out/hello.hosted" -- "$out/hello.$1")
    line "$3" "$ratio" "$2" x "$a ms : $b ms"
}
hello native 0.85 'Hello, exec to exit / native'
hello static 1.00 'Hello, exec to exit / native -optl-static'

# Five programs bound by processor and collector.
product=1 programs=0
for name in Allocation Maps Integers Arrays Threads; do
    packages=()
    [ "$name" != Maps ] || packages=(-package containers)
    [ "$name" != Threads ] || packages=(-package stm)
    [ "$name" != Arrays ] || packages=(-package array)
    make hosted "$name" "$here/$name.hs" "${packages[@]}"
    make native "$name" "$here/$name.hs" "${packages[@]}"
    cmp -s <("$out/$name.hosted") <("$out/$name.native") ||
        echo "bench: $name: the outputs differ" >&2
    read -r a b ratio < <(compare "$turns" "$out/$name.hosted" -- "$out/$name.native")
    printf '  %-42s %9.2f x                      %s ms : %s ms\n' "$name / native" "$ratio" "$a" "$b"
    product=$(awk -v p="$product" -v r="$ratio" 'BEGIN { print p * r }')
    programs=$((programs + 1))
done
line 'Five programs, geometric mean' \
    "$(awk -v p="$product" -v n="$programs" 'BEGIN { print p ^ (1 / n) }')" 1.03 x

# Guests in C that measure themselves. guest NAME: builds it.
guest() {
    # shellcheck disable=SC2086
    ${GUEST_CC:?} -c "$here/$1.c" -o "$out/$1.o"
    "$bin/halvm-ld" -o "$out/$1" "$out/$1.o"
}
ratio() { awk -v a="$1" -v b="$2" 'BEGIN { print a / b }'; }
# times A B WHAT: how many times B is A, for the detail of a row.
times() { awk -v a="$1" -v b="$2" -v what="$3" 'BEGIN { printf "%.1f x %s (%s)", a / b, what, b }'; }
# curve WHAT LIMIT < lines of a number and a time: whether the last is more than the first; all of them.
curve() {
    local what=$1 limit=$2 n each first='' last='' detail=''
    while read -r n each; do
        first=${first:-$each} last=$each
        detail+="${detail:+, }$n: $each"
    done
    line "$what" "$(ratio "$last" "$first")" "$limit" x "$detail ns"
}

echo 'the hypervisor: the best of many rounds, each with its floor measured in turn'
guest null_hypercall
read -r hypercall pointer < <("$out/null_hypercall")
line 'Null hypercall' "$hypercall" 10 ns "$(times "$hypercall" "$pointer" 'a call through a pointer')"

guest event_channel
HALVM=hardware_domain=1 "$out/event_channel" >"$out/event_channel.txt"
read -r two_level <"$out/event_channel.txt"
read -r _ fifo _ < <(sed -n 2p "$out/event_channel.txt")
line 'Send to a pending port' "$two_level" 25 ns "$(times "$two_level" "$hypercall" 'a null hypercall')"
line '  the same, FIFO ABI' "$fifo" 25 ns "$(times "$fifo" "$hypercall" 'a null hypercall')"
curve '  with 100,000 ports / with 8' 1.2 < <(sed 1d "$out/event_channel.txt" | cut -d' ' -f1,2)
curve '  bind_ipi and close, likewise' 1.2 < <(sed 1d "$out/event_channel.txt" | cut -d' ' -f1,3)

"$bin/../tests/bench/domains" >"$out/domains.txt"
# measured KEY: its numbers. with KEY: the lines KEY-N as N and a number.
measured() { awk -v key="$1" '$1 == key { $1 = ""; print }' "$out/domains.txt"; }
with() { sed -n "s/^$1-//p" "$out/domains.txt"; }
read -r wake switch < <(measured wake)
line 'Send until the peer domain runs' "$wake" 100 ns "$(times "$wake" "$switch" 'a bare switch of coroutines')"
curve '  with 1,000 domains / with 2' 1.2 < <(with wake)
curve '  send alone, likewise' 1.2 < <(with send)
printf '  %-42s %s ns\n' 'a token round all of them, each' \
    "$(with round | awk '{ printf "%s%s: %s", (NR > 1 ? ", " : ""), $1, $2 }')"

guest grants
HALVM='hardware_domain=1 memory=128' "$out/grants" >"$out/grants.txt"
read -r copy move <"$out/grants.txt"
line 'Grant copy of 4 KiB / memcpy' "$(ratio "$copy" "$move")" 1.6 x "$copy ns : $move ns"
read -r map bare < <(measured map)
line 'Map and unmap a grant / two bare mmaps' "$(ratio "$map" "$bare")" 1.2 x "$map ns : $bare ns"
curve '  with 100,000 mappings / with 8' 1.2 < <(sed 1d "$out/grants.txt")

read -r life bare made ran gone < <(measured life)
us() { awk -v ns="$1" 'BEGIN { printf "%.1f", ns / 1000 }'; }
line 'A domain made, run and destroyed' "$(us "$life")" 50 us \
    "$(times "$(us "$life")" "$(us "$bare")" 'its mappings and pages, bare'); $(us "$made") + $(us "$ran") + $(us "$gone")"

# XenStore, over a domain's ring. What grows with the nodes is two accesses of memory that no cache has.
"$bin/../tests/bench/xenstore" >"$out/xenstore.txt"
read -r _ read_many write_many ten_many floor < <(tail -n 1 "$out/xenstore.txt")
line 'XenStore with 100,000 nodes, READ' "$read_many" 1000 ns "two accesses of as much memory: $floor ns"
line '  WRITE' "$write_many" 1500 ns
line '  a transaction of ten WRITEs' "$ten_many" 15000 ns
curve '  READ with 100,000 nodes / with 100' 2.5 < <(cut -d' ' -f1,2 "$out/xenstore.txt")
curve '  WRITE, likewise' 2.2 < <(cut -d' ' -f1,3 "$out/xenstore.txt")
curve '  a transaction, likewise' 2 < <(cut -d' ' -f1,4 "$out/xenstore.txt")

# ---- hosts: halvm run's machine, from the inside ----

cat >"$out/Clock.hs" <<'H'
import GHC.Clock
main :: IO ()
main = getMonotonicTimeNSec >>= print
H
cat >"$out/Sleepers.hs" <<'H'
import Control.Concurrent
import Control.Monad
main :: IO ()
main = replicateM_ 3600 (threadDelay 1000000)
H
image() { # NAME SOURCE: compiles it for Xen, -O1
    "$bin/halvm-ghc" -v0 -O1 --target=xen -i"$(dirname "$2")" -outputdir "$out/$1.objects" "$2" -o "$out/$1"
}
cat >"$out/Idle.hs" <<'H'
import Control.Concurrent
main :: IO ()
main = threadDelay 1000000000
H
image clock "$out/Clock.hs"
image idle "$out/Idle.hs"
image sleepers "$out/Sleepers.hs"
image ping "$here/../scenarios/programs/Ping.hs"
image pong "$here/../scenarios/programs/Pong.hs"
# shellcheck disable=SC2086
${GUEST_CC:?} -c "$here/clock.c" -o "$out/cclock.o"
"$bin/halvm-ld" --halvm-target=xen -o "$out/cclock" "$out/cclock.o"
hosts=$bin/../tests/bench/hosts
read -r least median < <("$hosts" start "$out/clock.xen" 300)
line 'A Haskell domain, create to main' "$least" 1000 us "in a host that runs; the median of 300: $median"
read -r least median < <("$hosts" start "$out/cclock.xen" 1000)
line 'A C domain, likewise' "$least" 100 us "the median of 1000: $median"
# One process sees each number of domains once: the least of several.
many() {
    local i
    for ((i = 0; i < 7; i++)); do "$hosts" build "$out/cclock.xen" 500; done |
        sort -n -s -k1,1 -k2,2 | sort -n -u -k1,1
}
curve '  built beside 500 others / beside 100' 1.4 < <(many)
read -r busy kib < <("$hosts" idle "$out/idle.xen" 200)
line '200 idle Haskell domains, processor' "$busy" 1 ms 'in a second'
line '  memory (PSS) of each' "$kib" 4096 KiB

# Two domains, an event channel and a granted page; two processes, a pipe or a Unix socket.
# shellcheck disable=SC2120
pair() { # OPTION...: Ping's time
    "$bin/halvm" run "$@" "$out/ping.cfg" "$out/pong.cfg" | sed -n 's/.*: \([0-9]*\) ns a round trip/\1/p'
}
for end in 'ping a 1 2' 'pong b 2 1'; do
    read -r name role <<<"$end"
    printf 'kernel = "%s"\nmemory = 32\ncmdline = "%s 100000 time"\n' \
        "$out/$name.xen" "$role" >"$out/$name.cfg"
done
"$HALVM_GHC" -v0 -O1 -outputdir "$out/native.objects" "$here/PingNative.hs" -o "$out/ping.native"
# shellcheck disable=SC2119
domains=$(pair) pipe=$("$out/ping.native" pipe 50000) socket=$("$out/ping.native" socket 50000)
line 'Round trip of two Haskell domains' "$domains" 2000 ns \
    "native processes: pipes $pipe, a Unix socket $socket"

# The least processor time of runs with a trace and without, in turn; the domains' start is in both.
processor() { # COMMAND...: its processor time, in ms
    local TIMEFORMAT='%U %S'
    { time "$@" >"$out/processor.log" 2>&1; } 2>&1 | awk '{ print 1000 * ($1 + $2) }'
}
least() { sort -n "$1" | head -n 1; }
rm -f "$out/untraced.txt" "$out/traced.txt"
for ((i = 0; i < 3 * turns; i++)); do
    processor "$bin/halvm" run "$out/ping.cfg" "$out/pong.cfg" >>"$out/untraced.txt"
    processor "$bin/halvm" run --trace "$out/ping.trace" "$out/ping.cfg" "$out/pong.cfg" >>"$out/traced.txt"
done
traced=$(least "$out/traced.txt") untraced=$(least "$out/untraced.txt")
line '  tracing it / not' "$(ratio "$traced" "$untraced")" 1.20 x "$traced ms : $untraced ms of processor time"

# As many seconds of hosts that sleep as pass in one.
sleepers=()
for i in 1 2 3 4; do
    printf 'kernel = "%s"\nmemory = 32\nname = "s%s"\n' "$out/sleepers.xen" "$i" >"$out/s$i.cfg"
    sleepers+=("$out/s$i.cfg")
done
before=$(date +%s%N)
"$bin/halvm" run --virtual-time "${sleepers[@]}"
elapsed=$(($(date +%s%N) - before))
line 'Real time / virtual time, four sleepers' "$(ratio "$elapsed" 3600000000000)" 0.001 x \
    "an hour in $((elapsed / 1000000)) ms"

# Proportional memory, in KiB, while Hello waits for a line.
pss() {
    local pid kib=0
    coproc "$1" 2>/dev/null
    pid=$COPROC_PID
    read -r -u "${COPROC[0]}" _
    kib=$(awk '/^Pss:/ { print $2 }' "/proc/$pid/smaps_rollup")
    echo >&"${COPROC[1]}"
    wait "$pid" 2>/dev/null || true
    echo "$kib"
}
hosted=$(pss "$out/wait.hosted")
native=$(pss "$out/wait.native")
line 'Hello, memory (PSS) more than native' "$(awk -v a="$hosted" -v b="$native" 'BEGIN { print (a - b) / 1024 }')" \
    1 MiB "$hosted KiB : $native KiB"

if [ -e "$out/hello.xen" ]; then
    cp "$out/hello.xen" "$out/stripped.xen"
    strip "$out/stripped.xen" 2>/dev/null || true
    line 'Hello, Xen image, stripped' "$(stat -c %s "$out/stripped.xen" | awk '{ print $1 / 1e6 }')" 1.5 MB \
        "with its symbols and relocations $(stat -c %s "$out/hello.xen") bytes"
fi

# Only the link: the objects are there.
cat >"$out/link.sh" <<'S'
#!/bin/sh
output=$1
shift
rm -f "$output"
exec "$@" -o "$output"
S
chmod +x "$out/link.sh"
read -r a b ratio < <(compare "$turns" \
    "$out/link.sh" "$out/l.hosted" "$bin/halvm-ghc" -v0 -O1 -outputdir "$out/hello.objects" "$out/Hello.hs" -- \
    "$out/link.sh" "$out/l.static" "$HALVM_GHC" -v0 -O1 -optl-static -outputdir "$out/hello.objects" "$out/Hello.hs")
line 'halvm-ghc, link of Hello / ghc -optl-static' "$ratio" 2 x "$a ms : $b ms"
