#!/usr/bin/env bash
# Proves one file of this folder with yosys-smtbmc and z3; its first comment says how:
#
#   // Sources: FILE…          what is proved, from the circuit's folder
#   // Steps: bmc N            no step of the first N breaks an assert, or
#   // Steps: induction N      none ever does
#   // Mistake: FILE: SED      an edit that must break the proof (any number of them)
#
#   formal/prove.sh NAME FOLDER [--mistakes]     FOLDER is for what is made
set -euo pipefail
if [ $# -lt 2 ]; then
  sed -n '2,/^set /{/^#/!d; s/^# \{0,1\}//; p}' "$0"
  exit 2
fi
circuit=$(cd "$(dirname "$0")/.." && pwd)
name=$1 folder=$2 proof=$circuit/formal/$1.sv
[ -f "$proof" ] || { echo "error: there is no proof $proof" >&2; exit 2; }
for tool in yosys yosys-smtbmc z3; do
  command -v "$tool" >/dev/null || {
    echo "skipped: there is no $tool here (apt-get install yosys z3)"
    exit 4 # what ctest takes for a skip
  }
done

said() { sed -n "s|^// $1: ||p" "$proof"; }
sources=$(said Sources)
read -r kind steps <<<"$(said Steps)"

# proved FOLDER: whether the copy of the circuit in it passes. 0 it does, 1 an assert fails, 2 neither.
proved() {
  local files="" source log=$1/proof.log
  for source in $sources; do files="$files $source"; done
  (
    cd "$1" &&
      yosys -q -p "read_verilog -sv -formal -DFORMAL $files formal/$name.sv; prep -flatten -top $name; \
      async2sync; opt -full; dffunmap; opt_clean; write_smt2 -wires proof.smt2" &&
      yosys-smtbmc -s z3 -t "$steps" proof.smt2 &&
      { [ "$kind" = bmc ] || yosys-smtbmc -s z3 -i -t "$steps" proof.smt2; }
  ) >"$log" 2>&1 && return 0
  grep -q 'Status: FAILED' "$log" && return 1
  tail -n 15 "$log"
  return 2
}

copy() { # to a fresh folder
  local file
  rm -rf "$1"
  for file in $sources "formal/$name.sv"; do
    mkdir -p "$1/$(dirname "$file")"
    cp "$circuit/$file" "$1/$file"
  done
}

if [ "${3:-}" != --mistakes ]; then
  copy "$folder/$name"
  result=0
  proved "$folder/$name" || result=$?
  case $result in
    0) echo "$name: proved ($kind, $steps steps)" ;;
    1) grep -E 'Assert failed' "$folder/$name/proof.log" || true
       echo "$name: NOT TRUE, see $folder/$name/proof.log" ;;
    *) echo "$name: not read, see $folder/$name/proof.log" ;;
  esac
  exit "$result"
fi

number=0 missed=0
while IFS= read -r mistake; do
  number=$((number + 1))
  file=${mistake%%: *} edit=${mistake#*: } place=$folder/$name.mistake$number
  copy "$place"
  sed -i "$edit" "$place/$file"
  if cmp -s "$place/$file" "$circuit/$file"; then
    echo "$name: mistake $number changes nothing in $file: $edit"
    missed=1
    continue
  fi
  result=0
  proved "$place" || result=$?
  if [ "$result" = 1 ]; then
    echo "$name: mistake $number is seen: $edit"
  else
    echo "$name: mistake $number is NOT seen: $edit"
    missed=1
  fi
done < <(said Mistake)
[ "$number" -gt 0 ] || { echo "$name: names no mistake that would break it"; exit 1; }
exit "$missed"
