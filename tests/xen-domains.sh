#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# Several domains on real Xen, as xl starts them in a Linux dom0, all in one boot:
#   - the pairs of conformance/pairs: each source there is a guest whose roles "a" and "b" are two
#     domains. They run on the shim too, in one process, where the model (tests/model) is checked
#     after every hypercall, and both transcripts must be equal. Where
#     NAME.xen-only says why the shim cannot do it yet, only on Xen;
#   - pairs of the Haskell programs of scenarios/programs, in the same two ways, with the same arguments;
#     the first's NAME-a.stdout and NAME-b.stdout are what both must write, and NAME-a.ended says how a
#     ends if it does not power off;
#   - Haskell programs that must write what they write natively.
# usage: xen-domains.sh [PAIR...]     only these, of which a Haskell one is named by its first program
# shellcheck source=tests/commands/tap.sh
. "$(dirname "$0")/commands/tap.sh"
pairs=$top/tests/conformance/pairs
build=$bin/..
: "${GUEST_CC:?}"
# shellcheck source=tests/model/link.sh
. "$top/tests/model/link.sh"

# shellcheck source=tests/conformance/report.sh
. "$top/tests/conformance/report.sh"

# ---- pairs ----

# Two objects, or one linked twice: with another name of its entry, and at another place.
link_pair() { # NAME [OBJECT-A OBJECT-B]
    local role object
    for role in a b; do
        [ $role = a ] && object=${2:-$1.guest.o} || object=${3:-$1.guest.o}
        ld -r -o pair.o "$lib/entry-hosted.o" "$object" &&
            objcopy "--redefine-sym=hosted_entry=pair_${role}_entry" \
                "--keep-global-symbol=pair_${role}_entry" pair.o "pair-$role.o" || return
    done
    link_watched "$1" "$build/tests/conformance/pairs/host/linker.lds" \
        pair-a.o pair-b.o "$build/tests/conformance/pairs/host/libhost.a"
}

build_pair() { # NAME
    local target=both
    [ -z "${HOSTED_ONLY:-}" ] || target=hosted # sanitizers and gcov are not on Xen
    # shellcheck disable=SC2086
    $GUEST_CC -c "$pairs/$1.c" -o "$1.o" &&
        "$bin/halvm-ld" "--halvm-target=$target" "--halvm-keep=$1.guest.o" -o "$1" "$1.o" &&
        link_pair "$1"
}

run_pair_on_shim() { # NAME
    local role status=0
    timeout -k 5 60 "./$1" "$1-a.shim" "$1-b.shim" >log 2>&1 </dev/null || status=$?
    for role in a b; do
        report "$1-$role.shim" "$1 $role [shim]"
    done
    sed 's/^/# /' log
    [ $status = 0 ] || line 'not ok' "$1 [shim] ends with status $status"
}

names=("$@") scenarios=()
if [ $# = 0 ]; then
    for source in "$pairs"/*.c; do
        names+=("$(basename "$source" .c)")
    done
fi
for scenario in 'Ping Pong' 'Requests Requests' 'Failure Failure'; do
    [ $# = 0 ] && scenarios+=("$scenario")
    for ((i = 0; i < $#; i++)); do
        [ "${scenario%% *}" != "${names[i]:-}" ] || { scenarios+=("$scenario") && unset 'names[i]'; }
    done
done
built=()
for name in "${names[@]}"; do
    if ! build_pair "$name" >log 2>&1; then
        line 'not ok' "$name is built"
        sed 's/^/# /' log
        continue
    fi
    built+=("$name")
    if [ -e "$pairs/$name.xen-only" ]; then
        skip "$name [shim]" "$(cat "$pairs/$name.xen-only")"
    else
        run_pair_on_shim "$name"
    fi
done

# ---- pairs of Haskell programs ----

kept=$build/tests/xen-domains # what GHC made, from run to run
programs_of_pairs=$top/tests/scenarios/programs

build_scenario() { # NAME
    local key target=both
    [ -z "${HOSTED_ONLY:-}" ] || target=hosted
    key=$(cat "$programs_of_pairs/$1.hs" "$programs_of_pairs/Domains.hs" "$lib/stamp" | sha256sum)
    [ "$key" != "$(cat "$kept/$1.key" 2>/dev/null)" ] || return 0
    mkdir -p "$kept"
    rm -f "$kept/$1" "$kept/$1.xen"
    "$bin/halvm-ghc" -v0 -O1 --target=$target "-i$programs_of_pairs" -outputdir "$kept/$1.objects" \
        "-optl--halvm-keep=$kept/$1.guest.o" -o "$kept/$1" "$programs_of_pairs/$1.hs" &&
        echo "$key" >"$kept/$1.key"
}

scenarios_built=()
for scenario in "${scenarios[@]}"; do
    name=${scenario% *}
    if ! { build_scenario "$name" && build_scenario "${scenario#* }" &&
        link_pair "$name" "$kept/$name.guest.o" "$kept/${scenario#* }.guest.o"; } >log 2>&1; then
        line 'not ok' "$scenario are built"
        sed 's/^/# /' log
        continue
    fi
    scenarios_built+=("$scenario")
    run timeout -k 5 60 "./$name" "$name-a.shim" "$name-b.shim"
    [ -e "$programs_of_pairs/$name-a.ended" ] && expected=1 || expected=0
    ok "$scenario [shim] end by themselves" status_is "$expected"
    for role in a b; do
        ok "$name $role [shim] writes what it must" diff -u "$programs_of_pairs/$name-$role.stdout" "$name-$role.shim"
    done
done

if [ -n "${NO_XEN_DOMAINS:-}" ]; then
    skip 'several domains on Xen' "$NO_XEN_DOMAINS"
    done_testing
    exit 0
fi

# ---- Haskell programs ----

# NAME [ARG...]: run natively first. Those of haskell/programs mean something new as an unprivileged
# domain: arguments through xl, an exit status, the RAM disk where libxl puts it, more output
# than fits into the console's ring, sleeping, a heap that grows.
haskell=(
    'Hello'
    'Args one two\ words back\\slash'
    'Exit3'
    'FsRead'
    'BigFact'
    'DelayOrder'
)
[ $# = 0 ] || haskell=()
programs=$top/tests/haskell/programs
tar -C "$top/tests/haskell/ramdisk" --format=ustar -cf ramdisk.tar .

source_of() { # NAME
    local file=$programs/$1.hs
    [ -e "$file" ] || file=$top/examples/$1/$1.hs
    echo "$file"
}

build_haskell() { # NAME
    local key source
    source=$(source_of "$1")
    key=$(cat "$source" "$lib/stamp" | sha256sum)
    [ "$key" != "$(cat "$kept/$1.key" 2>/dev/null)" ] || return 0
    mkdir -p "$kept" &&
        ghc -v0 -outputdir "$kept/$1.objects" -o "$kept/$1" "$source" &&
        "$bin/halvm-ghc" -v0 --target=xen -outputdir "$kept/$1.objects" -o "$kept/$1.xen" "$source" &&
        echo "$key" >"$kept/$1.key"
}

# ---- all of it on Xen ----

# Domains get the numbers 1, 2, ... in the order in which they are made.
arguments=() next=1
for name in "${built[@]}"; do
    for role in a b; do
        [ $role = a ] && peer=$((next + 1)) || peer=$((next - 1))
        cat >"$name-$role.cfg" <<END
kernel = "$name.xen"
memory = 16
extra = "$role $next $peer"
END
        arguments+=("$name-$role.cfg")
        next=$((next + 1))
    done
    arguments+=(--then)
done
for scenario in "${scenarios_built[@]}"; do
    for role in a b; do
        [ $role = a ] && program=${scenario% *} peer=$((next + 1)) || program=${scenario#* } peer=$((next - 1))
        printf 'kernel = "%s"\nmemory = 32\nextra = "%s %s %s"\n' "$kept/$program.xen" $role $next "$peer" \
            >"${scenario% *}-$role.cfg"
        arguments+=("${scenario% *}-$role.cfg")
        next=$((next + 1))
    done
    arguments+=(--then)
done
programs_built=()
for entry in "${haskell[@]}"; do
    name=${entry%% *}
    if ! build_haskell "$name" >log 2>&1; then
        line 'not ok' "$name is built"
        sed 's/^/# /' log
        continue
    fi
    programs_built+=("$entry")
    {
        echo "kernel = \"$kept/$name.xen\""
        echo 'memory = 32'
        [ "$name" = "$entry" ] || echo "extra = '${entry#* }'" | sed 's/\\/\\\\/g'
        [ ! -e "$programs/$name.ramdisk" ] || echo 'ramdisk = "ramdisk.tar"'
    } >"$name.cfg"
    arguments+=("$name.cfg")
done
[ "${arguments[-1]}" != --then ] || unset 'arguments[-1]'

run "$bin/halvm" xen-domains --output results --timeout 200 "${arguments[@]}"
case $status in
0 | 1) line ok 'all domains were started and ended' ;;
*)
    line 'not ok' "all domains were started and ended (status $status)"
    sed 's/^/# /' err
    [ ! -e results/dom0.log ] || tail -n 100 results/dom0.log | sed 's/^/# /'
    ;;
esac

for name in "${built[@]}"; do
    for role in a b; do
        report "results/$name-$role.console" "$name $role [Xen]"
        [ -e "$pairs/$name.xen-only" ] ||
            ok "$name $role: the shim answers as Xen" diff -u "results/$name-$role.console" "$name-$role.shim"
    done
done

for scenario in "${scenarios_built[@]}"; do
    name=${scenario% *}
    for role in a b; do
        ok "$name $role [Xen] writes what it must" diff -u "$programs_of_pairs/$name-$role.stdout" "results/$name-$role.console"
        expected='powered off'
        [ ! -e "$programs_of_pairs/$name-$role.ended" ] || expected=$(cat "$programs_of_pairs/$name-$role.ended")
        ok "$name $role [Xen] ends: $expected" grep -qx "$expected" "results/$name-$role.ended"
    done
done

# Xen is told a reason, not a status: xl sees whether it was 0.
compare_haskell() { # NAME WORDS-AS-IN-EXTRA
    local name=$1 expected='powered off' status=0
    # The words are split as the guest does it.
    (cd "$top/tests/haskell/ramdisk" && eval "exec $kept/$name $2") >expected 2>&1 </dev/null || status=$?
    [ $status = 0 ] || expected=crashed
    diff -u expected "results/$name.console" && [ "$(cat "results/$name.ended")" = "$expected" ]
}
for entry in "${programs_built[@]}"; do
    name=${entry%% *} words=${entry#"${entry%% *}"}
    ok "$name as an unprivileged domain does what it does natively" compare_haskell "$name" "$words"
done
done_testing
