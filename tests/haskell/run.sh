#!/bin/bash
# Runs each Haskell program natively and as a guest and compares what it writes and its status. Output is TAP.
set -euo pipefail

usage() {
  cat <<'END'
usage: run.sh --halvm-ghc PATH --out DIR --way hosted|xen [options] [Name...]

  --halvm-ghc PATH   the compiler for guests; plain "ghc" stands in for it (the guest is a native program then)
  --out DIR          build directory, kept as a cache
  --way hosted|xen   guests as Linux processes, or on Xen
  --xen-test CMD     runs a guest on Xen: CMD [--ramdisk FILE] PROG.xen [ARG...]   (default: "halvm xen-test")
  --depends FILE     a file whose content decides whether guests are linked again (may be repeated);
                     without it they are linked in every run
  --suite, --no-suite
                     run programs that need no process of their own as one, many in a boot
                     (default for xen: yes; for hosted: no)
  --jobs N           programs built and run at a time (default 2)

Name is a program of tests/haskell/programs, without its suffix; all if none is given.
END
}

die() {
  echo "run.sh: $*" >&2
  exit 99
}

here=$(cd "$(dirname "$0")" && pwd)
programs=$here/programs
halvm_ghc='' out='' way='' xen_test='halvm xen-test' suite='' jobs=2 depends=() names=() task=''
while [ $# -gt 0 ]; do
  case $1 in
  --halvm-ghc | --out | --way | --xen-test | --depends | --jobs | --task)
    [ $# -ge 2 ] || die "$1 wants a value"
    case $1 in
    --halvm-ghc) halvm_ghc=$2 ;;
    --out) out=$2 ;;
    --way) way=$2 ;;
    --xen-test) xen_test=$2 ;;
    --depends) depends+=("$2") ;;
    --jobs) jobs=$2 ;;
    --task) task=$2 ;;
    esac
    shift
    ;;
  --suite) suite=yes ;;
  --no-suite) suite=no ;;
  --help)
    usage
    exit 0
    ;;
  -*) die "unknown option $1 (see --help)" ;;
  *) names+=("$1") ;;
  esac
  shift
done
if [ -z "$halvm_ghc" ] || [ -z "$out" ]; then
  usage >&2
  exit 99
fi
case $way in
hosted) beside=shim suite=${suite:-no} suffix='' guest_time=60 ;;
xen) beside=Xen suite=${suite:-yes} suffix=.xen guest_time=60 ;;
*) die "--way is hosted or xen" ;;
esac
command -v "$halvm_ghc" >/dev/null || die "no compiler $halvm_ghc"
case $halvm_ghc in */*) halvm_ghc=$(realpath "$halvm_ghc") ;; esac
stand_in=no
[ "${halvm_ghc##*/}" != ghc ] || stand_in=yes

mkdir -p "$out"
out=$(cd "$out" && pwd)
ramdisk=$out/ramdisk.tar
export LANG=C.UTF-8 LC_ALL=C.UTF-8 TZ=UTC
unset GHCRTS

has() { # has Name suffix
  [ -e "$programs/$1.$2" ]
}

alone() {
  local own
  for own in alone flags args stdin hold guest-only c; do
    if has "$1" "$own"; then
      return 0
    fi
  done
  [ -d "$programs/$1" ]
}

again() { # the line that runs exactly these tests again
  local command=("$here/run.sh" --halvm-ghc "$halvm_ghc" --out "$out" --way "$way")
  [ "$way" = hosted ] || command+=(--xen-test "$xen_test")
  if [ "$suite" = yes ]; then command+=(--suite); else command+=(--no-suite); fi
  printf '# again:'
  printf ' %q' "${command[@]}" "$@"
  echo
}

# ---- building ----

# Sets directory, sources, flags and key for a program, or for the suite.
describe() {
  local name=$1 files=()
  directory=$programs sources=() flags=()
  if [ "$name" = Suite ]; then
    directory=$out/suite
    sources=(Main.hs)
    files=("$directory"/*.hs "$directory"/T/*)
  elif [ -d "$programs/$name" ]; then
    sources=("$name/Main.hs")
    flags=("-i$name")
    mapfile -t files < <(find "$programs/$name" -type f | sort)
  else
    sources=("$name.hs")
    files=("$programs/$name.hs")
    if has "$name" c; then
      sources+=("$name.c")
      files+=("$programs/$name.c")
    fi
  fi
  if has "$name" flags; then
    mapfile -t -O "${#flags[@]}" flags <"$programs/$name.flags"
    files+=("$programs/$name.flags")
  fi
  key=$(cat "${files[@]}" | sha256sum)-$(ghc --version)
}

# build COMPILER DIRECTORY-OF-RESULT SUFFIX KEY Name [flag...]: only if the key has changed. The objects are shared by all ways.
build() {
  local compiler=$1 to=$out/$2 ending=$3 key=$4 name=$5
  shift 5
  mkdir -p "$to"
  if [ -n "$key" ] && [ -e "$to/$name$ending" ] && [ "$key" = "$(cat "$to/$name.key" 2>/dev/null)" ]; then
    return 0
  fi
  # Removed first, or GHC sees nothing to link when no module has changed.
  rm -f "$to/$name$ending" "$to/$name.key"
  if ! (cd "$directory" && "$compiler" -v0 -O1 -outputdir "$out/obj/$name" -o "$to/$name$ending" "$@" \
    "${flags[@]}" "${sources[@]}") >"$to/$name.log" 2>&1 </dev/null; then
    return 1
  fi
  [ -e "$to/$name$ending" ] || return 1
  printf '%s' "$key" >"$to/$name.key"
}

build_native() {
  describe "$1"
  build ghc native '' "$key" "$1"
}

build_guest() {
  local guest_key='' target=()
  describe "$1"
  if [ ${#depends[@]} -gt 0 ]; then
    guest_key=$key-$halvm_ghc-$(cat "${depends[@]}" | sha256sum)
  fi
  [ "$way" = hosted ] || target=(--target=xen)
  build "$halvm_ghc" "$way" "$suffix" "$guest_key" "$1" "${target[@]}"
}

# ---- running ----

# run DIRECTORY-OF-RESULT TIME INPUT-HOLD INPUT COMMAND...: leaves NAME.out .err .status; on one console ($merge=yes)
# stderr goes where stdout goes.
run() {
  local result=$1 limit=$2 hold=$3 input=$4 status=0 holder=''
  shift 4
  rm -f "$result.err"
  # The input stays open for $hold seconds after its last byte.
  if [ "$hold" != 0 ]; then
    exec 9< <(cat "$input" && exec sleep "$hold" 2>/dev/null)
    holder=$!
  else
    exec 9<"$input"
  fi
  if [ "$merge" = yes ]; then
    timeout -k 5 "$limit" "$@" <&9 >"$result.out" 2>&1 || status=$?
  else
    timeout -k 5 "$limit" "$@" <&9 >"$result.out" 2>"$result.err" || status=$?
  fi
  exec 9<&-
  [ -z "$holder" ] || kill "$holder" 2>/dev/null || true
  echo "$status" >"$result.status"
}

run_native() { # run_native Name LIMIT HOLD INPUT ARG...
  local name=$1 limit=$2 hold=$3 input=$4
  shift 4
  (cd "$here/ramdisk" && run "$out/result/$name.native" "$limit" "$hold" "$input" "$out/native/$name" "$@")
}

# The guest starts in an empty directory: what it finds can come from its RAM disk only.
run_guest() { # run_guest Name DISK(yes/no) LIMIT HOLD INPUT ARG...
  local name=$1 disk=$2 limit=$3 hold=$4 input=$5 command place=$out/empty
  shift 5
  if [ "$way" = xen ]; then
    read -r -a command <<<"$xen_test"
    [ "$disk" = no ] || command+=(--ramdisk "$ramdisk")
    command+=("$out/xen/${name%@*}.xen" "$@")
  else
    [ "$disk" = no ] || export HALVM="${HALVM:+$HALVM }ramdisk=$ramdisk"
    command=("$out/hosted/${name%@*}" "$@")
    [ $stand_in = no ] || place=$here/ramdisk
  fi
  (cd "$place" && run "$out/result/$name.$way" "$limit" "$hold" "$input" "${command[@]}")
  # The serial line ends its lines with CR LF.
  [ "$way" = hosted ] || sed -i 's/\r$//' "$out/result/$name.$way.out"
}

complain() { # complain FILE: its lines as TAP comments, not more than 60
  head -n 60 "$1" | LC_ALL=C sed 's/^/# /'
}

differ() { # differ WHAT EXPECTED GOT
  if ! cmp -s "$2" "$3"; then
    echo "# $1 differs:"
    diff -a -u --label "expected" --label "$way" "$2" "$3" >"$3.diff" || true
    complain "$3.diff"
    return 1
  fi
}

status_text() {
  if [ "$1" = 124 ] || [ "$1" = 137 ]; then
    echo "$1 (time limit)"
  else
    echo "$1"
  fi
}

# One program alone. Prints its TAP line without a number, then comments.
test_alone() {
  local name=$1 input=/dev/null hold=0 args=() disk=no want=0 label result=$out/result/$1 good=yes got
  label="$name [native vs $beside]"
  if [ $stand_in = yes ] && has "$name" guest-only; then
    echo "ok - $label # SKIP for guests only"
    return 0
  fi
  ! has "$name" stdin || input=$programs/$name.stdin
  ! has "$name" hold || hold=$(cat "$programs/$name.hold")
  ! has "$name" args || mapfile -t args <"$programs/$name.args"
  ! has "$name" status || want=$(cat "$programs/$name.status")
  ! has "$name" ramdisk || disk=yes
  if [ "$way" = xen ]; then merge=yes; else merge=no; fi

  : >"$result.notes"
  # The native build comes first: it makes the objects.
  if ! has "$name" guest-only && ! build_native "$name"; then
    complain "$out/native/$name.log" >"$result.notes"
    good="does not compile"
  elif ! build_guest "$name"; then
    complain "$out/$way/$name.log" >"$result.notes"
    good="does not link as a guest"
  else
    if has "$name" guest-only; then
      cp "$programs/$name.stdout" "$result.native.out"
      : >"$result.native.err"
      echo "$want" >"$result.native.status"
    else
      run_native "$name" 20 "$hold" "$input" "${args[@]}"
    fi
    run_guest "$name" "$disk" "$guest_time" "$hold" "$input" "${args[@]}"
    got=$(cat "$result.native.status")
    if [ "$got" != "$want" ]; then
      echo "# native status is $(status_text "$got") and should be $want" >>"$result.notes"
      good=no
    fi
    got=$(cat "$result.$way.status")
    if [ "$got" != "$want" ]; then
      echo "# status is $(status_text "$got") and should be $want" >>"$result.notes"
      good=no
    fi
    differ stdout "$result.native.out" "$result.$way.out" >>"$result.notes" || good=no
    if [ $merge = no ]; then
      differ stderr "$result.native.err" "$result.$way.err" >>"$result.notes" || good=no
    fi
  fi
  case $good in
  yes) echo "ok - $label" ;;
  no) echo "not ok - $label" ;;
  *) echo "not ok - $label: $good" ;;
  esac
  if [ "$good" != yes ]; then
    cat "$result.notes"
    again "$name"
  fi
}

# The part of a suite's output that belongs to a program; fails if the program did not come to its end.
section() { # section FILE Name
  LC_ALL=C awk -v first="=== $2" -v last="--- $2 status " '
    index($0, last) == 1 { print; found = 1; exit }
    $0 == first { inside = 1 }
    inside { print }
    END { exit !found }' "$1"
}

# Programs of the suite, in one process or boot; if it ends early, in another from there on.
test_suite() {
  local group=$1 left=("${@:2}") name disk label result=$out/result merge=yes n want
  while [ ${#left[@]} -gt 0 ]; do
    disk=no
    for name in "${left[@]}"; do
      ! has "$name" ramdisk || disk=yes
    done
    group=$group.
    # Natively as far as the Xen console shows it: stdout and stderr in one.
    mkdir -p "$out/result"
    run_native_suite "$group" "${left[@]}"
    run_guest "Suite@$group" "$disk" $((guest_time + 4 * ${#left[@]})) 0 /dev/null "${left[@]}"
    n=0
    for name in "${left[@]}"; do
      n=$((n + 1))
      label="$name [native vs $beside, in the suite]"
      want=0
      ! has "$name" status || want=$(cat "$programs/$name.status")
      if ! section "$result/Suite@$group.native.out" "$name" >"$result/$name.native.out"; then
        echo "not ok - $label: natively it ended the suite"
        complain "$result/$name.native.out"
        again "$name"
        break
      elif ! tail -n 1 "$result/$name.native.out" | grep -q " status $want\$"; then
        echo "not ok - $label: natively it should have status $want"
        complain "$result/$name.native.out"
        again "$name"
      elif ! section "$result/Suite@$group.$way.out" "$name" >"$result/$name.$way.out"; then
        echo "not ok - $label: it ended the suite, status $(status_text "$(cat "$result/Suite@$group.$way.status")")"
        complain "$result/$name.$way.out"
        again "$name"
        break
      elif differ output "$result/$name.native.out" "$result/$name.$way.out" >"$result/$name.notes"; then
        echo "ok - $label"
      else
        echo "not ok - $label"
        cat "$result/$name.notes"
        again "$name"
      fi
    done
    left=("${left[@]:n}")
  done
}

run_native_suite() {
  local group=$1
  shift
  (cd "$here/ramdisk" && run "$out/result/Suite@$group.native" 120 0 /dev/null "$out/native/Suite" "$@")
}

mkdir -p "$out/result" "$out/empty"
# shellcheck disable=SC2086  # a task is a list of names
case $task in
'') ;;
suite:*)
  task=${task#suite:}
  test_suite $task >"$out/result/suite-${task%% *}.tap"
  cat "$out/result/suite-${task%% *}.tap"
  exit 0
  ;;
*)
  test_alone "$task" >"$out/result/$task.tap"
  cat "$out/result/$task.tap"
  exit 0
  ;;
esac

# ---- all of it ----

all=()
for source in "$programs"/*.hs "$programs"/*/Main.hs; do
  name=${source#"$programs"/}
  name=${name%/Main.hs}
  all+=("${name%.hs}")
done
if [ ${#names[@]} -eq 0 ]; then
  names=("${all[@]}")
fi
for name in "${names[@]}"; do
  [ -e "$programs/$name.hs" ] || [ -e "$programs/$name/Main.hs" ] || die "no program $name in $programs"
done

tar -C "$here/ramdisk" --sort=name --mtime=@0 --owner=0 --group=0 --mode=u=rwX,go=rX --format=ustar -cf "$ramdisk" .

tasks=() together=()
for name in "${names[@]}"; do
  if [ "$suite" = yes ] && ! alone "$name"; then
    together+=("$name")
  else
    tasks+=("$name")
  fi
done
echo "1..${#names[@]}"

if [ ${#together[@]} -gt 0 ]; then
  "$here/make-suite.sh" "$out/suite" >/dev/null
  built=''
  if ! build_native Suite; then
    built="the suite does not compile" log=$out/native/Suite.log
  elif ! build_guest Suite; then
    built="the suite does not link as a guest" log=$out/$way/Suite.log
  fi
  if [ -n "$built" ]; then
    echo "Bail out! $built"
    complain "$log"
    exit 99
  fi
  # Twenty programs a boot: a kernel's command line has 1,023 bytes.
  for ((i = 0; i < ${#together[@]}; i += 20)); do
    tasks+=("suite:$i ${together[*]:i:20}")
  done
fi

options=(--halvm-ghc "$halvm_ghc" --out "$out" --way "$way" --xen-test "$xen_test")
if [ "$suite" = yes ]; then options+=(--suite); else options+=(--no-suite); fi
for file in "${depends[@]}"; do
  options+=(--depends "$file")
done

number=0 failed=0
while IFS= read -r line; do
  case $line in
  'ok - '*)
    number=$((number + 1))
    echo "ok $number - ${line#ok - }"
    ;;
  'not ok - '*)
    number=$((number + 1))
    failed=$((failed + 1))
    echo "not ok $number - ${line#not ok - }"
    ;;
  *) printf '%s\n' "$line" ;;
  esac
done < <(printf '%s\0' "${tasks[@]}" | xargs -0 -P "$jobs" -I '{}' "$0" "${options[@]}" --task '{}')

echo "# $number of ${#names[@]} programs run, $failed failed"
[ "$number" -eq ${#names[@]} ] || exit 99
[ $failed -eq 0 ]
