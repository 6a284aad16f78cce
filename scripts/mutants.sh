#!/usr/bin/env bash
# Do the tests see a mistake? Each patch in scripts/mutants/ is one that somebody could have made.
# See usage() below.
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=scripts/setup.sh
source scripts/setup.sh

usage() {
  cat <<'END'
scripts/mutants.sh             every mutant not yet tried on the sources as they are now
scripts/mutants.sh 07 mask     those with this number, or with this word in their name
scripts/mutants.sh --again …   also those that were tried already
scripts/mutants.sh --list      what there is: the mistake in plain words, and what should notice
scripts/mutants.sh --check     does every patch still apply, and was every one seen? (a test)

Each mutant is put into a copy of the tree, one at a time; what it touches is built, and its unit
tests are run. A test that fails, crashes or takes longer than five minutes has seen it. A mutant
that does not build proves nothing and is reported as such. Takes an hour on two cores, less with
ccache; Ctrl-C stops it, and the next call goes on where it was. Everything is in build/mutants;
when all have been tried, scripts/mutants/RESULTS.md is written anew.
END
}

patches=scripts/mutants
work=$PWD/build/mutants
tree=$work/tree   # the copy
build=$work/build
results=$work/results.tsv # name, patch's and sources' checksum, verdict, seconds, tests
export LC_ALL=C

# ---- Patches -------------------------------------------------------------------------------------

name_of() { basename "$1" .patch; }
field() { sed -n "s/^$2: *//p;/^diff /q" "$1"; } # patch, "Mistake"
checksum() { cksum | cut -d ' ' -f 1; }

# Lines "test_05_gpt_sgd": what the header asks for, or else the tests of the rooms that are touched.
targets_of() {
  local asked
  asked=$(field "$1" Tests)
  if [ -n "$asked" ]; then
    # shellcheck disable=SC2086 # a list of words
    printf '%s\n' $asked
  else
    sed -n 's,^+++ b/\([^/]*\)/.*,test_\1,p' "$1" | sort -u
  fi
}

selected() { # words; all patches if there are none
  local patch word
  for patch in "$patches"/*.patch; do
    [ $# -gt 0 ] || echo "$patch"
    for word in "$@"; do
      case $(name_of "$patch") in
        "$word" | "$word"_* | *[!0-9]*"$word"*) echo "$patch" && break ;;
      esac
    done
  done
}

# apply DIRECTORY PATCH [options]. The copy lies inside a repository, and git must not look for it.
apply() {
  local directory=$1 patch=$PWD/$2
  shift 2
  if have git; then
    GIT_CEILING_DIRECTORIES=$(dirname "$directory") git -C "$directory" apply "$@" "$patch"
  else
    case "$*" in
      --check) set -- --dry-run ;;
    esac
    patch -d "$directory" -p1 -s -f "$@" <"$patch"
  fi
}

list() {
  local patch
  for patch in $(selected "$@"); do
    printf '%s\n  %s\n  should turn red: %s\n' \
      "$(name_of "$patch")" "$(field "$patch" Mistake)" "$(field "$patch" Red)"
  done
}

# Ends with status 4, a skip, where there is nothing to check with; the last line is the reason.
check() {
  local patch faults=0 row
  have git || have patch || { say "needs git or patch to apply a patch; install one" && exit 4; }
  ls "$patches"/*.patch >/dev/null 2>&1 || { say "this copy of the tree has no mutants" && exit 4; }
  for patch in "$patches"/*.patch; do
    if ! apply "$PWD" "$patch" --check; then
      say "$patch no longer applies: make the same mistake in the code as it is now"
      faults=1
    fi
    row=$(grep -F "| $(name_of "$patch") |" "$patches/RESULTS.md" 2>/dev/null || true)
    case $row in
      *"| red |"*) ;;
      *) say "$patch is not red in $patches/RESULTS.md: run scripts/mutants.sh" && faults=1 ;;
    esac
  done
  return "$faults"
}

# ---- The copy of the tree ------------------------------------------------------------------------

tree_files() {
  if git rev-parse --is-inside-work-tree >/dev/null 2>&1; then
    git ls-files --cached --others --exclude-standard
  else
    find . -type f -not -path './build/*' -not -path './downloads/*' | sed 's,^\./,,'
  fi | grep -v "^$patches/" | sort
}

# Makes the copy what the tree is; what is alike keeps its date, and so is not built again.
refresh() {
  local file
  mkdir -p "$tree"
  tree_files | while read -r file; do [ ! -f "$file" ] || echo "$file"; done >"$work/files"
  (cd "$tree" && find . -type f | sed 's,^\./,,' | sort) | comm -23 - "$work/files" |
    while read -r file; do rm -f "$tree/$file"; done
  while read -r file; do
    cmp -s "$file" "$tree/$file" && continue
    mkdir -p "$(dirname "$tree/$file")"
    cp "$file" "$tree/$file"
  done <"$work/files"
  sources=$(grep -v -e '\.md$' -e '^scripts/' "$work/files" | while read -r file; do
    cat "$tree/$file"
  done | checksum)
}

build_targets() { # targets…
  nice cmake --build "$build" --target "$@" </dev/null >"$work/build.log" 2>&1
}

# Runs the tests of these targets, but for those that train; prints the red ones, a line each. A mutant
# must not take all the memory there is.
red_tests() {
  local target rooms=""
  case " $* " in
    *" test_08_"*) ;; # a browser reserves far more than it uses
    *) ulimit -v 4194304 2>/dev/null || true ;; # KiB; macOS has no such limit
  esac
  for target in "$@"; do
    case $target in
      test_[0-9]*) rooms="$rooms|stage$(echo "$target" | cut -c 6-7)" ;;
      *) rooms="$rooms|${target#test_}" ;;
    esac
  done
  # (Neither fuzzers nor scripts: they test other things, and take long.)
  nice ctest --test-dir "$build" -L '^(unit|hardware)$' -R "^(${rooms#|})/" \
    -E '^common/(fuzz_|scripts: |every mutant|LADDER_MARCH)' --timeout 300 --no-tests=error \
    -j "$(cores)" </dev/null >"$work/tests.log" 2>&1 && return 0
  sed -n '/The following tests FAILED/,$p' "$work/tests.log" |
    sed -n -E 's/^[[:space:]]*[0-9]+ - (.*) \(([A-Za-z ]+)\).*/\1 (\2)/p' | sed 's/ (Failed)$//'
}

# The tree as it is must build and be green, or no mutant proves anything.
prepare() { # targets…
  say "building what is to be tested, without a mutant (log: $work/build.log)"
  if [ -z "${CMAKE_CXX_COMPILER_LAUNCHER:-}" ] && have ccache; then
    export CMAKE_CXX_COMPILER_LAUNCHER=ccache
  fi
  logged cmake -S "$tree" -B "$build" -G Ninja -DCMAKE_BUILD_TYPE=Release ||
    fail "CMake could not configure; the whole log is build/setup.log"
  build_targets "$@" || fail "the tree does not build; see $work/build.log"
  (red_tests "$@") >"$work/red"
  [ ! -s "$work/red" ] || say "red without any mutant, and so not counted:" "$(cat "$work/red")"
}

# ---- One mutant ----------------------------------------------------------------------------------

result_of() { # patch: its line of results, if it was tried on these sources
  grep "^$(name_of "$1")	$(checksum <"$1")	$sources	" "$results" 2>/dev/null | tail -n 1
}

last_result_of() { # patch: the same, or else what it was when it was tried last
  local now
  now=$(result_of "$1" || true)
  if [ -n "$now" ]; then echo "$now"; else grep "^$(name_of "$1")	" "$results" 2>/dev/null | tail -n 1; fi
}

# Sets `verdict` and `red`.
try() { # patch
  local targets
  targets=$(targets_of "$1")
  red=""
  if ! apply "$tree" "$1" 2>/dev/null; then
    verdict="does not apply"
    return 0
  fi
  # shellcheck disable=SC2086 # a list of words
  if build_targets $targets; then
    red=$(red_tests $targets | grep -v -x -F -f "$work/red" || true)
    if [ -n "$red" ]; then verdict=red; else verdict=SURVIVED; fi
  else
    verdict="does not build"
  fi
  apply "$tree" "$1" -R
}

minutes() { echo $((($1 + 59) / 60)); }

run() { # patches…
  local patch start begin=$SECONDS number=0 verdict red line
  for patch in "$@"; do
    number=$((number + 1))
    printf '[%d/%d] %-42s ' "$number" $# "$(name_of "$patch")"
    start=$SECONDS
    try "$patch"
    line=$(printf '%s' "$red" | tr '\n\t' '; ' | sed 's/;/; /g')
    printf '%s\t%s\t%s\t%s\t%s\t%s\n' "$(name_of "$patch")" "$(checksum <"$patch")" "$sources" \
      "$verdict" $((SECONDS - start)) "$line" >>"$results"
    printf '%s, %d s; about %d min left\n' "$verdict" $((SECONDS - start)) \
      "$(minutes $(((SECONDS - begin) * ($# - number) / number)))"
    [ "$verdict" = red ] || say "        $(field "$patch" Mistake)"
  done
}

# ---- What came out -------------------------------------------------------------------------------

processor() {
  sed -n 's/^model name[^:]*: *//p' /proc/cpuinfo 2>/dev/null | head -n 1 | grep . ||
    sysctl -n machdep.cpu.brand_string 2>/dev/null || uname -m
}

table_row() { # patch
  last_result_of "$1" | awk -F '\t' -v mistake="$(field "$1" Mistake)" -v sources="$sources" '{
    count = split($6, tests, "; ")
    shown = ""
    for (i = 1; i <= count && i <= 3; i++) shown = shown (i > 1 ? "; " : "") tests[i]
    if (count > 3) shown = shown "; and " count - 3 " more"
    gsub(/\|/, "\\|", shown)
    printf "| %s | %s | %s | %s | %s |\n", $1, mistake, $4, $3 == sources ? "these" : "earlier", shown
  }'
}

write_results() { # all patches
  local patch compiler
  compiler=$(sed -n 's/^CMAKE_CXX_COMPILER:[A-Z]*=//p' "$build/CMakeCache.txt")
  {
    echo "# Mutants"
    echo
    echo "Mistakes put into the code one at a time, and the unit tests that turned red. Made by"
    echo "\`scripts/mutants.sh\`; a test (\`common/every mutant applies\`) sees when it is out of date."
    echo
    echo "- date: $(date -u +%Y-%m-%d)"
    echo "- commit: $(git describe --always --dirty 2>/dev/null || echo unknown)"
    echo "- compiler: $("$compiler" --version | head -n 1), Release, -march=native"
    echo "- processor: $(processor)"
    echo "- mutants: $#, seen: $(for patch in "$@"; do table_row "$patch"; done | grep -c '| red |' || true)"
    echo
    echo "Sources: tried on these, or on earlier ones and not since."
    echo
    echo "| mutant | the mistake | | sources | tests that turned red |"
    echo "|---|---|---|---|---|"
    for patch in "$@"; do table_row "$patch"; done
  } >"$work/RESULTS.md"
  mv "$work/RESULTS.md" "$patches/RESULTS.md"
  say "$patches/RESULTS.md is written"
}

finish() {
  local patch untried="" unseen="" never=""
  for patch in $(selected); do
    case $(result_of "$patch" | cut -f 4) in
      "")
        untried="$untried $(name_of "$patch")"
        [ -n "$(last_result_of "$patch")" ] || never=yes
        ;;
      red) ;;
      *) unseen="$unseen $(name_of "$patch")" ;;
    esac
  done
  if [ -n "$untried" ]; then
    say "not tried on these sources yet:$untried"
  fi
  if [ -n "$never" ]; then
    say "$patches/RESULTS.md is not written: some were never tried"
  elif [ -s "$work/red" ]; then
    say "$patches/RESULTS.md is not written: the tree itself is red"
  else
    # shellcheck disable=SC2046 # a list of words
    write_results $(selected)
  fi
  [ -z "$unseen" ] || fail "not seen by any test:$unseen"
}

# --------------------------------------------------------------------------------------------------

main() {
  local again=no chosen wanted="" patch
  case ${1:-} in
    -h | --help)
      usage
      exit
      ;;
    --list)
      shift
      list "$@"
      exit
      ;;
    --check)
      check
      exit
      ;;
    --again)
      again=yes
      shift
      ;;
    -*) fail "there is no option $1; see scripts/mutants.sh --help" 2 ;;
  esac

  have git || have patch || fail "git or patch is needed to apply a patch; please install one"
  mkdir -p "$work"
  mkdir "$work/lock" 2>/dev/null ||
    fail "another run is at work in build/mutants (if it was killed: rmdir build/mutants/lock)"
  trap 'rmdir "$work/lock"' EXIT
  trap 'printf "\nstopped; what was found so far is kept, and the next call goes on\n" >&2; exit 130' INT TERM HUP

  refresh
  chosen=$(selected "$@")
  [ -n "$chosen" ] || fail "there is no mutant called $*; scripts/mutants.sh --list shows them" 2
  for patch in $chosen; do
    [ "$again" = no ] && [ -n "$(result_of "$patch")" ] || wanted="$wanted $patch"
  done
  if [ -n "$wanted" ]; then
    # shellcheck disable=SC2046,SC2086 # lists of words
    prepare $(for patch in $wanted; do targets_of "$patch"; done | sort -u)
    # shellcheck disable=SC2086
    run $wanted
  fi
  finish
}

# In one piece, so that the script may be edited while it runs.
main "$@"
exit
