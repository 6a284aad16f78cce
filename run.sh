#!/usr/bin/env bash
# Installs what is missing, builds the ladder and climbs it; see usage() below.
set -euo pipefail
here=$PWD
cd "$(dirname "$0")"
source scripts/setup.sh

usage() {
  cat <<END
./run.sh                  climb the whole ladder: every stage live, then one table
./run.sh 04               one stage
./run.sh 04 --steps 1000  one stage, with options of its program (./run.sh 04 --help lists them)

What is missing is installed first (apt or Homebrew), and the canonical corpus is downloaded if
there is a network; set MICROGPT_NAMES to read a file of names of your own. What is made goes to
build/, or to the folder that LADDER_BUILD names: LADDER_BUILD=/tmp/ladder ./run.sh

stages: $(all_stages | tr '\n' ' ')
END
}

bin=$builds/release/bin
results=$builds/release/results
lane="" # process group of the runs in the background

# The training stages: those that end with a line in the table.
ladder_stages() { all_stages | grep '^0[1-6]_'; }

stage_below() { ladder_stages | awk -v stage="$1" '$0 == stage { print below } { below = $0 }'; }

# What a program measures unless told otherwise.
default_protocol() {
  case $1 in
    06_*) echo held-out ;;
    *) echo corpus ;;
  esac
}

other_protocol() {
  case $1 in
    corpus) echo held-out ;;
    *) echo corpus ;;
  esac
}

# Nothing of a run that was broken off stays behind: results have their final name only when whole.
clean_up() {
  if [ -n "$lane" ]; then
    kill -KILL -- "-$lane" 2>/dev/null || true
    wait "$lane" 2>/dev/null || true
    lane=""
  fi
  if has_lock ladder; then rm -f "$results"/*.part*; fi
  if has_lock build; then rm -f "$downloads"/*.part; fi
}

broken_off() {
  trap '' INT TERM HUP
  clean_up
  printf '\nstopped\n' >&2
  exit 130
}

# measure STAGE PROTOCOL [options]: runs a program and keeps its results.
measure() {
  local stage=$1 protocol=$2 file="$results/$1.$2.json" status=0
  shift 2
  "$bin/$stage" "--$protocol" --json "$file.part" "$@" || status=$?
  [ "$status" = 0 ] || return "$status"
  mv "$file.part" "$file"
}

# Every stage by the protocol that is not shown live.
measure_quietly() {
  local stage
  for stage in $(ladder_stages); do
    measure "$stage" "$(other_protocol "$(default_protocol "$stage")")" --quiet || {
      local status=$?
      echo "error: $stage ended with status $status"
      return 1
    }
  done
}

build() { # target
  take_lock build "building"
  set_up
  configure release
  say "building"
  cmake --build "$builds/release" --target "$1" </dev/null
  release_lock build
}

heading() {
  local line="" i
  for ((i = ${#1}; i < 76; i++)); do line="$line─"; done
  printf '\n── %s %s\n\n' "$1" "$line"
}

run_ladder() {
  local stage below protocol status
  take_lock ladder "climbing the ladder"
  build ladder
  mkdir -p "$results"
  rm -f "$results"/*.json "$results"/*.part*
  # One core each: a stage is shown live while the other core measures the other protocol. Job
  # control gives the background its own process group, out of reach of a Ctrl-C in the terminal.
  set -m
  measure_quietly >"$results/background.log" 2>&1 </dev/null &
  lane=$!
  set +m
  [ "$(cores)" -gt 1 ] || wait_for_lane

  for stage in $(ladder_stages); do
    heading "$stage"
    protocol=$(default_protocol "$stage")
    below="$results/$(stage_below "$stage").$protocol.json"
    set --
    [ ! -f "$below" ] || set -- --compare "$below"
    status=0
    measure "$stage" "$protocol" "$@" || status=$?
    [ "$status" != 130 ] || broken_off
    if [ "$status" != 0 ]; then
      clean_up
      fail "$stage ended with status $status"
    fi
  done
  wait_for_lane

  heading "the ladder"
  "$bin/ladder_table" --json "$results/ladder.json" "$results"/0*.json
  say "The same as JSON: $(shown "$results/ladder.json"). Everything took $((SECONDS / 60)) min $((SECONDS % 60)) s."
}

wait_for_lane() {
  [ -n "$lane" ] || return 0
  if kill -0 "$lane" 2>/dev/null; then say "" "measuring by the other protocol, a moment more"; fi
  if ! wait "$lane"; then
    cat "$results/background.log" >&2
    clean_up
    fail "the other protocol could not be measured"
  fi
  lane=""
}

run_one() { # stage, options…
  local stage=$1 option own=no protocol below
  shift
  build "$stage"
  # Beside the stage below, as the whole ladder has measured it.
  protocol=$(default_protocol "$stage")
  for option in "$@"; do
    case $option in
      --held-out) protocol=held-out ;;
      --corpus) protocol=corpus ;;
      --compare | --compare=*) own=yes ;;
    esac
  done
  below="$results/$(stage_below "$stage").$protocol.json"
  if [ "$own" = no ] && [ -f "$below" ]; then set -- --compare "$below" "$@"; fi
  heading "$stage"
  cd "$here"
  exec "$bin/$stage" "$@"
}

stage=""
case ${1:-} in
  "") ;;
  -h | --help)
    usage
    exit
    ;;
  -*) fail "options go to a stage: ./run.sh 04 $*; see ./run.sh --help" 2 ;;
  *)
    stage=$(find_stage "$1") ||
      fail "there is no stage $1; the stages are $(all_stages | tr '\n' ' ')" 2
    shift
    ;;
esac

trap broken_off INT TERM HUP
if [ -n "$stage" ]; then
  run_one "$stage" "$@"
else
  run_ladder
fi
