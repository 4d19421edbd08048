#!/bin/bash
# make-suite.sh OUT: writes into OUT the sources of one program, Main.hs, that holds every test program that
# need not be alone in its process, as module T.Name, and runs those that its arguments name.
# Prints the names.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
out=${1:?usage: make-suite.sh OUT}
mkdir -p "$out/T"

# A file is written only if it changes, so that GHC compiles no module again without need.
put() {
  cat >"$1.new"
  if cmp -s "$1.new" "$1"; then
    rm "$1.new"
  else
    mv "$1.new" "$1"
  fi
}

names=()
for source in "$here"/programs/*.hs; do
  base=${source%.hs}
  name=${base##*/}
  for own in alone flags args stdin hold guest-only c; do
    if [ -e "$base.$own" ]; then
      continue 2
    fi
  done
  if ! grep -q '^module Main (main) where$' "$source"; then
    echo "make-suite.sh: $source has no line 'module Main (main) where'" >&2
    exit 1
  fi
  names+=("$name")
  sed "0,/^module Main (main) where\$/s//module T.$name (main) where/" "$source" | put "$out/T/$name.hs"
done

for old in "$out"/T/*.hs; do
  name=$(basename "$old" .hs)
  case " ${names[*]} " in
  *" $name "*) ;;
  *) rm -f "$old" ;;
  esac
done

put "$out/Run.hs" <"$here/Suite/Run.hs"
{
  echo '-- Made by make-suite.sh.'
  echo 'module Main (main) where'
  echo
  echo 'import Run'
  printf 'import qualified T.%s\n' "${names[@]}"
  echo
  echo 'main :: IO ()'
  echo 'main = runSuite'
  separator='['
  for name in "${names[@]}"; do
    echo "  $separator (\"$name\", T.$name.main)"
    separator=,
  done
  echo '  ]'
} | put "$out/Main.hs"
printf '%s\n' "${names[@]}"
