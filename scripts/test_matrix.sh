#!/usr/bin/env bash
# Builds and tests the ladder for many processors and compilers; see usage() below.
set -euo pipefail
here=$PWD
cd "$(dirname "$0")/.."
source scripts/setup.sh
source scripts/matrix_root.sh

levels="x86-64-v2 x86-64-v3 x86-64-v4 native off"
compilers="g++ g++-14 clang++"
rows=""
for compiler in $compilers; do
  for level in $levels; do rows="$rows$compiler/$level "; done
done
rows="${rows}trixie forky"

usage() {
  cat <<END_OF_USAGE
scripts/test_matrix.sh                    every row
scripts/test_matrix.sh g++/native forky   these rows
scripts/test_matrix.sh x86-64-v3 clang++  every row of a level or of a compiler
  --all               the tests of NLL too (without it: unit tests)
  --stages 01,02      only what all stages share and these stages
  --list              the rows, one a line
  --help

A row is a compiler (g++ is this system's, clang++ the newest here from 15 on) and what LADDER_MARCH
is (off: no -march, the same as LADDER_NATIVE=OFF); trixie and forky are Debian 13 and 14 with their
own compiler and libraries, which needs root and debootstrap. Each builds in a folder of its own in
$(shown "$builds/matrix"): what is built stays there and is not built again.
END_OF_USAGE
}

# ---- what the reader wants -----------------------------------------------------------------------

wanted=""
stages=""
selection=(-LE '^nll$')

want() { # a row, a level or a compiler
  local row found=""
  for row in $rows; do
    case $row in
      "$1" | "$1"/* | */"$1") wanted="$wanted $row" found=yes ;;
    esac
  done
  [ -n "$found" ] || fail "there is no row $1; the rows are $rows" 2
}

while [ $# -gt 0 ]; do
  case $1 in
    -h | --help)
      usage
      exit
      ;;
    --list)
      echo "$rows" | tr ' ' '\n'
      exit
      ;;
    --all) selection=() ;;
    --stages | --stages=*)
      case $1 in
        *=*) list=${1#*=} ;;
        *)
          [ $# -gt 1 ] || fail "--stages needs a list of stages, such as 01,02" 2
          list=$2
          shift
          ;;
      esac
      for stage in ${list//,/ }; do
        stages="$stages $(find_stage "$stage")" ||
          fail "there is no stage $stage; the stages are $(all_stages | tr '\n' ' ')" 2
      done
      ;;
    -*) fail "there is no option $1; see scripts/test_matrix.sh --help" 2 ;;
    *) want "$1" ;;
  esac
  shift
done
wanted=${wanted:-$rows}
targets=(all)
if [ -n "$stages" ]; then
  targets=(test_common ladder_table)
  labels="common"
  for stage in $stages; do
    targets+=("$stage" "test_$stage")
    labels="$labels|stage${stage%%_*}"
  done
  selection+=(-L "^($labels)\$")
fi

# ---- what this machine can do --------------------------------------------------------------------

compiler_command() { # of a row's compiler; nothing if it is not here
  local version
  case $1 in
    clang++)
      for version in 22 21 20 19 18 17 16 15; do
        if have "clang++-$version"; then echo "clang++-$version" && return; fi
      done
      version=$(clang++ -dumpversion 2>/dev/null | cut -d . -f 1)
      [ "${version:-0}" -lt 15 ] || echo clang++
      ;;
    *) if have "$1"; then echo "$1"; fi ;;
  esac
}

# Asks the processor by way of the compiler, which knows how on every system.
runs_here() { # level, compiler
  local feature tests="1"
  case $1 in
    x86-64-v2) set -- "$2" sse4.2 popcnt ;;
    x86-64-v3) set -- "$2" avx2 fma bmi2 ;;
    x86-64-v4) set -- "$2" avx512f avx512bw avx512dq avx512vl ;;
    *) return 0 ;;
  esac
  for feature in "${@:2}"; do tests="$tests && __builtin_cpu_supports(\"$feature\")"; done
  echo "int main() { return !($tests); }" >"$builds/matrix/probe.cpp"
  "$1" "$builds/matrix/probe.cpp" -o "$builds/matrix/probe" 2>/dev/null && "$builds/matrix/probe"
}

# ---- a row ---------------------------------------------------------------------------------------

table=""
failed=""

note() { # row, compiler, result
  local line
  line=$(printf '%-18s %-36s %s' "$1" "$2" "$3")
  table="$table$line"$'\n'
  case $3 in FAILED*) failed=yes ;; esac
  printf '== %s: %s\n' "$1" "$3"
}

# in_place COMMAND… runs it where the row is: here, or in another Debian. A stage that fails ends it.
build_and_test() { # row, what compiles, source, build folder as the row sees it, log, options of CMake…
  local row=$1 compiler=$2 source=$3 build=$4 log=$5 began=$SECONDS status=0
  shift 5
  printf '\n== %s: building with %s, log in %s ==\n' "$row" "$compiler" "$(shown "$log")"
  if ! in_place cmake -S "$source" -B "$build" -G Ninja -DCMAKE_BUILD_TYPE=Release \
    -DLADDER_WERROR=ON "$@" >"$log" 2>&1 </dev/null; then
    tail -n 15 "$log"
    note "$row" "$compiler" "FAILED: CMake could not configure"
    return
  fi
  if ! in_place cmake --build "$build" --target "${targets[@]}" -- -k 0 >>"$log" 2>&1 </dev/null; then
    grep -E -m 5 'error:|FAILED:' "$log" || tail -n 15 "$log"
    note "$row" "$compiler" "FAILED: it does not build"
    return
  fi
  in_place ctest --test-dir "$build" --output-on-failure --no-tests=error -j "$(cores)" \
    "${selection[@]}" >"$log.tests" 2>&1 </dev/null || status=$?
  local passed skipped red
  passed=$(grep -c ' Passed  *[0-9.]* sec' "$log.tests" || true)
  skipped=$(grep -c '\*\*\*Skipped' "$log.tests" || true)
  red=$(grep -c '\*\*\*\(Failed\|Timeout\|Exception\|Not Run \)' "$log.tests" || true)
  local result="passed $passed, failed $red, skipped $skipped, $((SECONDS - began)) s"
  if [ "$status" != 0 ]; then
    grep -E '\*\*\*(Failed|Timeout|Exception|Not Run)' "$log.tests" || tail -n 15 "$log.tests"
    result="FAILED: $result; see $(shown "$log.tests")"
  fi
  note "$row" "$compiler" "$result"
}

test_here() { # row
  local row=$1 name=${1%%/*} level=${1#*/} command folder emulator=()
  folder=$builds/matrix/${row/\//_}
  command=$(compiler_command "$name")
  if [ -z "$command" ]; then
    note "$row" "-" "skipped: there is no ${name/clang++/clang++ 15 or newer} here"
    return
  fi
  local compiler
  compiler="$command $("$command" -dumpfullversion 2>/dev/null || "$command" -dumpversion)"
  if [[ $level == x86-64-* && $(uname -m) != x86_64 ]]; then
    note "$row" "$compiler" "skipped: this is no x86-64, but $(uname -m)"
    return
  fi
  if ! runs_here "$level" "$command"; then
    if [ "$level" = x86-64-v4 ]; then
      emulate_avx512 "$row" "$compiler"
      return
    elif ! have qemu-x86_64; then
      note "$row" "$compiler" "skipped: this processor is no $level, and there is no qemu-x86_64 (qemu-user)"
      return
    fi
    emulator=("-DCMAKE_CROSSCOMPILING_EMULATOR=qemu-x86_64;-cpu;max" -DCMAKE_SYSTEM_NAME=Linux
      -DCMAKE_SYSTEM_PROCESSOR=x86_64)
  fi
  local march=(-DLADDER_NATIVE=ON "-DLADDER_MARCH=$level")
  [ "$level" != off ] || march=(-DLADDER_NATIVE=OFF -DLADDER_MARCH=native)
  in_place() { "$@"; }
  mkdir -p "$folder"
  build_and_test "$row" "$compiler" "$PWD" "$folder" "$folder/row.log" \
    "-DCMAKE_CXX_COMPILER=$command" "${march[@]}" ${emulator[@]+"${emulator[@]}"}
}

# QEMU has no AVX-512. Bochs has, slowly: stage 07 alone, with the compiler of this system.
emulate_avx512() { # row, compiler
  if [ "$1" = g++/x86-64-v4 ] && have bochs-bin; then
    if scripts/emulate_avx512.sh; then
      note "$1" "$2" "passed: stage 07, emulated by scripts/emulate_avx512.sh"
    else
      note "$1" "$2" "FAILED: stage 07, emulated by scripts/emulate_avx512.sh"
    fi
  else
    note "$1" "$2" "skipped: this processor has no AVX-512; scripts/emulate_avx512.sh emulates one"
  fi
}

end() {
  [ -z "$table" ] || printf '\n%-18s %-36s %s\n%s' row compiler "$1" "$table"
}

need_writable_builds
mkdir -p "$builds/matrix"
take_lock matrix "testing the matrix"
exec 3>&1 # a trap may find standard output turned to a log
broken_off() {
  trap '' INT TERM HUP
  {
    end result
    say "" "broken off; what is built stays"
  } >&3
  exit 130
}
trap broken_off INT TERM HUP
CMAKE_BUILD_PARALLEL_LEVEL="${CMAKE_BUILD_PARALLEL_LEVEL:-$(cores)}"
export CMAKE_BUILD_PARALLEL_LEVEL
for row in $wanted; do
  case $row in
    */*) test_here "$row" ;;
    *) test_in_root "$row" ;;
  esac
done
end result
[ -z "$failed" ] || exit 1
