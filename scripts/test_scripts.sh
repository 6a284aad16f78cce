#!/usr/bin/env bash
# Tests of run.sh, test.sh and lint.sh, without building anything: in a copy of them, with stand-ins for CMake,
# ctest and the programs of a ladder of one stage. ctest runs each of these tests.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)

usage() {
  cat <<END_OF_USAGE
scripts/test_scripts.sh paths       paths mean what they mean where the reader stands
scripts/test_scripts.sh locks       a second command waits for the first
scripts/test_scripts.sh read_only   a checkout that cannot be written to: LADDER_BUILD
scripts/test_scripts.sh mistakes    one line, and which exit status
scripts/test_scripts.sh line_ends   a clone by a Git that writes Windows' line ends
scripts/test_scripts.sh lint        what is planted is found, and a missing tool is named
A test that cannot be made here says why and exits with 4.
END_OF_USAGE
}

# ---- a ladder of one stage -----------------------------------------------------------------------

tool() { # name; its text on stdin
  { echo "#!/usr/bin/env bash"; cat; } >"$tools/$1"
  chmod +x "$tools/$1"
}

# A program that says where it runs and with what; it keeps its results, and it waits on request.
make_tools() {
  local name
  tools=$work/tools
  mkdir -p "$tools"
  tool cmake <<'END'
while [ $# -gt 0 ]; do
  case $1 in
    --version) echo "cmake version 3.25.1" ;;
    --build)
      mkdir -p "$2/bin"
      cp "$(dirname "$0")"/{01_counting_bigram,ladder_table} "$2/bin/"
      ;;
    -B) mkdir -p "$2" ;;
    downloads=*) mkdir -p "${1#*=}" && echo emma >"${1#*=}/names.txt" ;;
  esac
  shift
done
END
  tool 01_counting_bigram <<'END'
echo "in $PWD: $* (corpus ${MICROGPT_NAMES:-none})"
while [ $# -gt 0 ]; do
  [ "$1" != --json ] || echo "{}" >"$2"
  [ "$1" != --corpus ] || [ ! -e "$WAIT_FOR.wanted" ] || until [ -e "$WAIT_FOR" ]; do sleep 0.2; done
  shift
done
END
  tool ladder_table <<'END'
shift 2
echo "a table of $# results"
END
  tool ctest <<'END'
case "$*" in
  *--test-dir*) echo "tested in $PWD (corpus ${MICROGPT_NAMES:-none})" ;;
esac
END
  # Nothing is missing, on Debian or on macOS.
  for name in apt-get c++ ninja dpkg sudo; do echo "exit 0" | tool "$name"; done
  echo 'echo "installed 3.7"' | tool dpkg-query
  echo "echo $work/brew" | tool brew
  for name in cmake ninja eigen fmt cli11 nlohmann-json utf8proc catch2; do
    mkdir -p "$work/brew/opt/$name"
  done
  export PATH="$tools:$PATH" WAIT_FOR="$work/go"
  unset MICROGPT_NAMES LADDER_BUILD LADDER_PRESET CXX
}

make_ladder() {
  ladder=$work/ladder
  mkdir -p "$ladder"/{scripts,cmake} "$work/elsewhere"
  cp "$root"/{run.sh,test.sh} "$ladder/"
  cp "$root"/scripts/*.sh "$ladder/scripts/"
  cp "$root/cmake/FetchCorpus.cmake" "$ladder/cmake/"
  echo "add_subdirectory(01_counting_bigram)" >"$ladder/CMakeLists.txt"
}

have() { command -v "$1" >/dev/null 2>&1; }

failures=0
expect() { # what, text, pattern of grep
  if grep -qE -e "$3" <<<"$2"; then return; fi
  printf 'FAILED: %s\n  expected: %s\n  in:\n%s\n' "$1" "$3" "$2"
  failures=$((failures + 1))
}

expect_no() { # what, text, pattern
  if ! grep -qE -e "$3" <<<"$2"; then return; fi
  printf 'FAILED: %s\n  not expected: %s\n  in:\n%s\n' "$1" "$3" "$2"
  failures=$((failures + 1))
}

skip() {
  echo "skipped: $1"
  exit 4
}

# ---- the tests -----------------------------------------------------------------------------------

test_paths() {
  local said
  cd "$work/elsewhere"
  said=$("$ladder/run.sh" 01 --data mine.txt --json=r.json)
  expect "a stage runs where the reader stands" "$said" "in $work/elsewhere: --data mine.txt --json=r.json"
  said=$(MICROGPT_NAMES=mine.txt "$ladder/run.sh" 01)
  expect "MICROGPT_NAMES" "$said" "corpus $work/elsewhere/mine.txt"
  said=$(MICROGPT_NAMES=mine.txt ../ladder/test.sh 2>&1)
  expect "MICROGPT_NAMES of the tests" "$said" "corpus $work/elsewhere/mine.txt"
  said=$(MICROGPT_NAMES=/a/mine.txt ../ladder/test.sh 2>&1)
  expect "an absolute MICROGPT_NAMES" "$said" "corpus /a/mine.txt"
  said=$(LADDER_BUILD="of mine" ../ladder/run.sh)
  expect "LADDER_BUILD" "$said" "The same as JSON: of mine/release/results/ladder.json"
  expect "the whole ladder" "$said" "a table of 2 results"
  [ -f "$work/elsewhere/of mine/release/results/01_counting_bigram.held-out.json" ] ||
    expect "results in LADDER_BUILD" "$(find "$work/elsewhere")" "held-out.json"
  said=$(../ladder/run.sh 01 --compare=mine.json)
  expect "a comparison of the reader's own" "$said" "elsewhere: --compare=mine.json"
  said=$(../ladder/run.sh && ../ladder/run.sh 01)
  expect "the results have a short name" "$said" "as JSON: $ladder/build/release/results/ladder.json"
  cd "$ladder"
  said=$(./run.sh)
  expect "the results have a short name" "$said" "as JSON: build/release/results/ladder.json"
}

await() { # file, word: until it is there; a minute at most
  local i
  for ((i = 0; i < 300; i++)); do
    if grep -qs -e "$2" "$1"; then return; fi
    sleep 0.2
  done
}

# The first climbs until it may go on; the second must not touch its results meanwhile.
test_locks() {
  local said first second lock=$ladder/build/ladder.lock
  touch "$WAIT_FOR.wanted" "$work/first"
  "$ladder/run.sh" >"$work/first" 2>&1 &
  first=$!
  await "$work/first" --corpus
  "$ladder/run.sh" >"$work/second" 2>&1 &
  second=$!
  await "$work/second" waiting
  expect "the second waits" "$(cat "$work/second")" "process $first is climbing the ladder here"
  expect_no "the second waits" "$(cat "$work/second")" "building"
  said=$("$ladder/run.sh" 01) || said="$said: status $?"
  expect "one stage is no hindrance" "$said" "in ${PWD//+/.}:" # a + means something in a pattern
  touch "$WAIT_FOR"
  wait "$first" || expect "the first ends" "status $?" "status 0"
  wait "$second" || expect "the second ends" "status $?" "status 0"
  expect "the first has its table" "$(cat "$work/first")" "a table of 2 results"
  expect "the second has its table" "$(cat "$work/second")" "a table of 2 results"
  expect "no lock stays" "$(ls "$ladder/build")" '^release$'
  expect_no "no lock stays" "$(ls "$ladder/build")" 'lock'

  (exit 0) &
  local gone=$!
  wait "$gone"
  mkdir "$lock"
  echo "$gone" >"$lock/process"
  said=$("$ladder/run.sh" 2>&1)
  expect "the lock of a process that is gone" "$said" "a table of 2 results"
  mkdir "$lock"
  said=$("$ladder/run.sh" 2>&1)
  expect "a lock that nobody owns" "$said" "a table of 2 results"

  # Broken off while it waits: the other's lock and results stay.
  mkdir "$lock"
  echo $$ >"$lock/process"
  touch "$ladder/build/release/results/x.part"
  "$ladder/run.sh" >"$work/third" 2>&1 &
  local third=$!
  await "$work/third" waiting
  kill -TERM "$third"
  wait "$third" || true
  expect "the lock of another stays" "$(cat "$lock/process")" "^$$\$"
  expect "its results stay" "$(ls "$ladder/build/release/results")" "x.part"
}

# Root may write anywhere but where nothing can be written; so it mounts the checkout read-only.
test_read_only() {
  local said status=0 script=$work/as_reader
  cat >"$script" <<'END'
set -euo pipefail
cd "$1"
[ ! -w . ] || exit 4
./run.sh 01 && exit 1
./test.sh && exit 1
export LADDER_BUILD="$2/a place"
./run.sh && ./run.sh 01 && ./test.sh
END
  if [ "$(id -u)" = 0 ]; then
    unshare -m true 2>/dev/null || skip "root may write everywhere, and unshare cannot mount here"
    # shellcheck disable=SC2016 # for the other shell
    said=$(unshare -m bash -c '
      mount --bind "$1" "$1" && mount -o remount,bind,ro "$1" && bash "$3" "$1" "$2"
    ' - "$ladder" "$work/elsewhere" "$script" 2>&1) || status=$?
  else
    chmod -R a-w "$ladder"
    said=$(bash "$script" "$ladder" "$work/elsewhere" 2>&1) || status=$?
    chmod -R u+w "$ladder"
  fi
  [ "$status" != 4 ] || skip "the copy can be written to all the same"
  expect "all goes well with LADDER_BUILD" "status $status" "status 0"
  expect "run.sh says what to do" "$said" "^error: cannot write to $ladder/build; .*LADDER_BUILD=FOLDER ./run.sh"
  expect "test.sh says what to do" "$said" "^error: cannot write to $ladder/build; .*LADDER_BUILD=FOLDER ./test.sh"
  expect "the ladder is climbed" "$said" "a table of 2 results"
  expect "the tests are run" "$said" "tested in $ladder"
  expect "what was downloaded is read" "$said" "corpus $work/elsewhere/a place/downloads/names.txt"
  expect_no "nothing in the checkout" "$(ls "$ladder")" "build|downloads"
}

test_mistakes() {
  local said
  cd "$ladder"
  said=$(./run.sh 17 2>&1 || echo "status $?")
  expect "no such stage" "$said" "^error: there is no stage 17; the stages are 01_counting_bigram"
  expect "no such stage" "$said" "status 2"
  said=$(./run.sh --steps 3 2>&1 || echo "status $?")
  expect "an option without a stage" "$said" "^error: options go to a stage"
  said=$(LADDER_BUILD=/dev/null/x ./run.sh 01 2>&1 || echo "status $?")
  expect "no folder" "$said" "^error: cannot write to /dev/null/x, the folder that LADDER_BUILD names"
  said=$("$root/scripts/test_matrix.sh" x86-64-v17 2>&1 || echo "status $?")
  expect "no such row" "$said" "^error: there is no row x86-64-v17; the rows are"
  expect "no such row" "$said" "status 2"
}

test_line_ends() {
  git -C "$root" rev-parse --verify -q HEAD >/dev/null 2>&1 || skip "this is no checkout of Git"
  git -c core.autocrlf=true clone -q "$root" "$work/clone" 2>"$work/log" || skip "$(cat "$work/log")"
  expect "no line end of Windows that was not committed" \
    "$(git -C "$work/clone" ls-files --eol)" "i/lf *w/lf .*run.sh"
  expect_no "no line end of Windows that was not committed" \
    "$(git -C "$work/clone" ls-files --eol)" "i/(lf|-text) *w/(crlf|mixed)"
  expect_no "every file as committed" "$(git -C "$work/clone" status --porcelain 2>&1)" "."
  bash "$work/clone/run.sh" --help >/dev/null || expect "run.sh runs" "status $?" "status 0"
}

# lint PART…: what it says about the copy, and its status.
lint() { ./scripts/lint.sh "$@" 2>&1 || echo "status $?"; }

plant() { # file; its text on stdin
  mkdir -p "$(dirname "$1")"
  cat >"$1"
  git add "$1"
}

test_lint() {
  local said name bare=$work/bare
  have git || skip "lint needs git; apt-get install git"
  cd "$ladder"
  git init -q
  cp "$root"/.clang-{format,tidy} .
  git add .
  said=$(lint text)
  expect "a clean copy" "$said" "^lint found nothing in: text"

  printf 'a\nb \n' | plant blank.txt
  printf 'a  \n' | plant line_break.md
  printf ' \tx\n' | plant tab.txt
  printf 'x\r\n' | plant "windows file.txt"
  printf 'a\nb' | plant no_end.txt
  said=$(lint text)
  expect "a trailing blank" "$said" "^blank.txt:2: a blank at the end"
  expect_no "a line break of Markdown" "$said" "line_break"
  expect "a tab" "$said" "^tab.txt:1: a tab"
  expect "Windows' line end" "$said" "^windows file.txt:1: Windows"
  expect "no line end" "$said" "^no_end.txt:2: no line end"
  expect "what was found is an error" "$said" "^error: lint found something in: text"
  expect "what was found is an error" "$said" "status 1"
  said=$(lint text tab.txt)
  expect "the file that was asked for" "$said" "^tab.txt:1: a tab"
  expect_no "and no other" "$said" "blank.txt"
  said=$(lint text nowhere.txt)
  expect "no such file" "$said" "^error: git does not know a file nowhere.txt here"
  expect "no such file" "$said" "status 2"
  git rm -qf ./*.txt

  # What lint cannot do without its tools, in a place that has only those of every system.
  mkdir "$bare"
  for name in bash env git sed grep tail wc sort tr dirname uname getconf awk xargs; do
    ln -s "$(command -v "$name")" "$bare/$name"
  done
  said=$(PATH=$bare lint)
  expect "no clang-format" "$said" "^lint: no clang-format, .*apt-get install clang-format$"
  expect "no shellcheck" "$said" "^lint: no shellcheck, .*apt-get install shellcheck$"
  expect "no clang-tidy" "$said" "^lint: no clang-tidy, .*apt-get install clang-tidy$"
  expect_no "a missing tool is no finding" "$said" "status"
  said=$(PATH=$bare lint --strict)
  expect "a missing tool, strictly" "$said" "^error: --strict: a tool is missing: .*clang-format"
  expect "a missing tool, strictly" "$said" "status 1"

  printf 'int  f( ) {return 1;}\n' | plant badly.cpp
  # shellcheck disable=SC2016 # the mistake that is planted
  printf '#!/bin/sh\nrm $1\n' | plant tool
  printf 'int NotOurs = 1;\ndouble half(int i) { return i / 2; }\n' | plant common/named.cpp
  if have clang-format; then expect "a bad format" "$(lint format)" "^badly.cpp:1:.*error"; fi
  if have shellcheck; then expect "a bad script" "$(lint shell)" "^tool:2:.*SC2086"; fi
  if have clang-tidy && have clang++; then
    local unity=$ladder/build/lint/unity.cpp
    mkdir -p build/lint
    echo "#include \"$ladder/common/named.cpp\"" >"$unity"
    printf '[\n{\n  "directory": "%s",\n  "command": "clang++ -c %s",\n  "file": "%s"\n}\n]\n' \
      "$ladder" "$unity" "$unity" >build/lint/compile_commands.json
    said=$(lint tidy)
    expect "a bad name" "$said" "^common/named.cpp:1:.*invalid case style for variable 'NotOurs'"
    expect "a mistake" "$said" "^common/named.cpp:2:.*bugprone-integer-division"
  fi
  for name in clang-format shellcheck clang-tidy clang++; do
    [ "$failures" != 0 ] || have "$name" || skip "all as expected as far as can be seen without $name"
  done
}

case ${1:-} in
  paths | locks | read_only | mistakes | line_ends | lint) ;;
  -h | --help)
    usage
    exit
    ;;
  *)
    usage >&2
    exit 2
    ;;
esac
work=$(cd "$(mktemp -d)" && pwd -P)
trap 'rm -rf "$work"' EXIT
make_tools
make_ladder
"test_$1"
[ "$failures" = 0 ] || exit 1
echo "all as expected"
