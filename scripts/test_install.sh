#!/usr/bin/env bash
# Installs a build, moves what was installed, and uses it as somebody would who has nothing else.
# ctest runs this: scripts/test_install.sh CMAKE BUILD COMPILER GENERATOR PREFIX_PATH
set -euo pipefail
source_tree=$(cd "$(dirname "$0")/.." && pwd -P)
cmake=$1 build=$2 compiler=$3 generator=$4 prefix_path=$5
work=$(cd "$(mktemp -d)" && pwd -P)
trap 'rm -rf "$work"' EXIT
unset MICROGPT_NAMES MICROGPT_LADDER_DATA

failures=0
expect() { # what, text, words in it
  if grep -qF -e "$3" <<<"$2"; then return; fi
  printf 'FAILED: %s\n  expected: %s\n  in:\n%s\n' "$1" "$3" "$2"
  failures=$((failures + 1))
}

quietly() { # a command that says something only if it fails
  if "$@" >"$work/log" 2>&1; then return; fi
  cat "$work/log"
  exit 1
}

quietly "$cmake" --install "$build" --prefix "$work/first place"
moved="$work/moved away"
mv "$work/first place" "$moved"
mkdir "$work/elsewhere"
cd "$work/elsewhere"

data="$moved/share/microgpt_ladder"
for folder in common/data 06_gpt_adam/reference 07_fast_inference/bench/baselines; do
  said=$(diff -rq -x __pycache__ "$source_tree/$folder" "$data/$folder" 2>&1) || true
  expect "all of $folder is there" "${said:-the same}" "the same"
done

# The repository is still there, so a program that says something else has read it from the folder.
printf 'ada\nbob\neve\n' >"$data/common/data/ssa2018.txt"
said=$("$moved/bin/01_counting_bigram" --samples 1)
expect "the corpus is that of the folder" "$said" "built-in (US first names of 2018): 3 names"
ln -s "$moved/bin/01_counting_bigram" linked
expect "also through a link" "$(./linked --samples 1)" "3 names"

said=$("$moved/bin/07_fast_inference" --engine loops)
expect "the weights are those of the folder" "$said" "weights $data/common/data/microgpt.safetensors"
expect "and so is what judges" "$said" "the golden logits"
cp "$data/LICENSE" "$data/common/data/microgpt_golden.json"
said=$("$moved/bin/07_fast_inference" --engine loops 2>&1) || true
expect "and so is what judges" "$said" "error: $data/common/data/microgpt_golden.json"
"$cmake" -E copy "$source_tree/common/data/microgpt_golden.json" "$data/common/data/"

for program in "$moved"/bin/*; do
  said=$("$program" --help)
  expect "--help of $program" "$said" "--json"
  if grep -qF -e "$source_tree" -e "$build" -e "$moved" <<<"$said"; then
    expect "--help of $program" "$said" "no folder at all"
  fi
done

# A program without its data: the repository is hidden where this machine lets us.
mkdir "$work/alone"
cp "$moved/bin/01_counting_bigram" "$moved/bin/07_fast_inference" "$work/alone"
if unshare -m mount -t tmpfs none "$source_tree" 2>/dev/null; then
  for program in 01_counting_bigram 07_fast_inference; do
    # shellcheck disable=SC2016 # for the other shell
    said=$(unshare -m bash -c 'mount -t tmpfs none "$1" && "$2" 2>&1' - "$source_tree" \
      "$work/alone/$program") || true
    expect "$program without data" "$said" "belongs in $work/share/microgpt_ladder, or in"
    expect "in one line" "lines: $(grep -c "" <<<"$said")." "lines: 1."
  done
fi

# Headers, libraries and their dependencies, without the repository's folder or flags.
quietly "$cmake" -S "$source_tree/cmake/consumer" -B "$work/consumer" -G "$generator" \
  "-DCMAKE_CXX_COMPILER=$compiler" "-DCMAKE_PREFIX_PATH=$moved;$prefix_path"
quietly "$cmake" --build "$work/consumer"
expect "somebody else's program" "$("$work/consumer/consumer" 2>&1 || true)" "the logit of a: "
"$work/consumer/consumer" >/dev/null || expect "its engine is right" "status $?" "status 0"
said=$(grep -rF -e "$source_tree" -e "$build" "$moved/lib/cmake" "$moved/include" || echo none)
expect "folders of the machine that built it" "$said" "none"

[ "$failures" = 0 ] || exit 1
echo "all as expected"
