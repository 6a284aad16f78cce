#!/usr/bin/env bash
# Installs what is missing, builds everything and runs the tests; see usage() below.
set -euo pipefail
here=$PWD
cd "$(dirname "$0")"
source scripts/setup.sh

usage() {
  cat <<END
./test.sh                every test, with a summary by stage
./test.sh 04             the tests of one stage
./test.sh common         the tests of what all stages share
./test.sh 04 -R softmax  anything else goes to ctest
./test.sh --strict       a skipped test is a failure, unless it needs a device that is not here
                         (what apt-get can install is no such device)

LADDER_PRESET names the preset of CMakePresets.json to build: release, if not set. LADDER_BUILD names
the folder to build in: build/, if not set. MICROGPT_NAMES names the canonical corpus.
stages: $(all_stages | tr '\n' ' ')
END
}

preset=${LADDER_PRESET:-release}
build=$builds/$preset
log=$build/test.log

# Lines "label number" of ctest's tests; a test that belongs to no stage is one of "others".
labels() {
  local label
  (cd "$build" && ctest --print-labels) | sed -nE 's/^  (stage[0-9]*|common|hardware)$/\1/p' |
    while read -r label; do numbers "$label" -L "^$label\$"; done
}

numbers() { # word to print, ctest options…
  local word=$1
  shift
  (cd "$build" && ctest -N "$@") | sed -n "s/^ *Test *#\([0-9]*\): .*/$word \1/p"
}

# From ctest's log: how many tests of each stage passed, and why those that were skipped were.
summary() {
  awk -v strict="$strict" -v corpus="$corpus" -v details="$build/Testing/Temporary/LastTest.log" '
    FILENAME ~ /test-labels.txt$/ {
      if ($1 == "hardware") hardware[$2] = 1; else stage[$2] = $1
      next
    }
    /^ *[0-9]+\/[0-9]+ Test +#[0-9]+: / {
      number = $0
      sub(/^[^#]*#/, "", number)
      sub(/:.*/, "", number)
      name = $0
      sub(/^[^:]*: /, "", name)
      sub(/ \.\.\..*/, "", name)
      result = "failed"
      if ($0 ~ / Passed +[0-9.]+ sec/) result = "passed"
      else if ($0 ~ /\*\*\*(Skipped|Not Run \(Disabled\))/) result = "skipped"
      if (!(number in stage)) stage[number] = "others"
      seen[stage[number]] = 1
      count[stage[number], result]++
      if (result == "skipped") { skipped[++skips] = name; numbered[name] = number }
    }
    # Catch2 prints the reason two lines below "SKIPPED:"; another test, in its last line.
    function reasons(  line, test, next_is_reason, last) {
      while ((getline line < details) > 0) {
        if (line ~ /^[0-9]+\/[0-9]+ Testing: /) {
          test = line
          sub(/^[^:]*: /, "", test)
          last = ""
        } else if (line == "<end of output>") {
          if (!(test in reason)) reason[test] = last
        } else if (line == "explicitly with message:") {
          next_is_reason = 1
        } else if (line ~ /[^ ]/) {
          sub(/^ +/, "", line)
          if (next_is_reason) reason[test] = line
          next_is_reason = 0
          last = line
        }
      }
    }
    END {
      printf "\n%-10s %8s %8s %8s\n", "", "passed", "failed", "skipped"
      for (i = 0; i <= 100; i++) {
        label = i == 0 ? "common" : i == 100 ? "others" : sprintf("stage%02d", i)
        if (!(label in seen)) continue
        printf "%-10s %8d %8d %8d\n", label, count[label, "passed"], count[label, "failed"],
               count[label, "skipped"]
      }
      if (skips == 0) exit 0
      reasons()
      print "\nskipped:"
      for (i = 1; i <= skips; i++) {
        name = skipped[i]
        if (reason[name] == "") reason[name] = "it gave no reason"
        printf "  %s\n      %s\n", name, reason[name]
        tolerated = numbered[name] in hardware && reason[name] !~ /apt-get install/
        if (corpus == "" && reason[name] ~ /MICROGPT_NAMES/) tolerated = 1
        if (!tolerated) intolerable = 1
      }
      if (strict && intolerable) {
        print "\nerror: under --strict, only tests without their device or corpus may be skipped"
        exit 1
      }
    }' "$build/test-labels.txt" "$log"
}

strict=""
targets=all
selection=""
case ${1:-} in
  "") ;;
  -h | --help)
    usage
    exit
    ;;
  --strict)
    strict=yes
    shift
    ;;
  -*) ;;
  common)
    targets=test_common
    selection='^common$'
    shift
    ;;
  *)
    stage=$(find_stage "$1") ||
      fail "there is no stage $1; the stages are $(all_stages | tr '\n' ' ')" 2
    targets="$stage test_$stage"
    case $1 in 8 | 08) targets=all ;; esac # many programs
    selection="^stage$(echo "$stage" | cut -c 1-2)\$"
    shift
    ;;
esac

take_lock "test-$preset" "testing"
take_lock build "building"
set_up
install_for_hardware
corpus=${MICROGPT_NAMES:-}
[ ! -f downloads/names.txt ] || corpus=downloads/names.txt
configure "$preset"
say "building"
# shellcheck disable=SC2086 # a list of words
cmake --build "$build" --target $targets </dev/null
release_lock build

say "testing"
labels >"$build/test-labels.txt" # before the run: listing tests empties ctest's own log
[ -z "$selection" ] || set -- -L "$selection" "$@"
status=0
(cd "$here" && ctest --test-dir "$build" --output-on-failure --no-tests=error "$@" </dev/null) 2>&1 |
  tee "$log" || status=$?
summary || status=1
exit "$status"
