#!/usr/bin/env bash
# Is every file as the rules of the house say? See usage() below.
set -euo pipefail
shopt -s extglob
cd "$(dirname "$0")/.."
source scripts/setup.sh

usage() {
  cat <<'END'
scripts/lint.sh              looks at every tracked file
scripts/lint.sh text shell   only these parts
scripts/lint.sh tidy 04_mlp  only these files or folders, counted from the root
  --strict                   a missing tool is a failure (without it: one line, and the rest is done)
  --help

format  C++ and CUDA, by clang-format and .clang-format
shell   shell scripts, by shellcheck
text    line ends, blanks and tabs, as .editorconfig says
tidy    what clang-tidy finds by .clang-tidy: mistakes, and names that are not the house's; a header is
        looked at with the sources that include it, a source with all of its target (minutes; configures in
        build/lint). "redefinition": two sources of a target have helpers of one name

A finding is a line FILE:LINE: …, and the exit status is 1. clang-format -i FILES mends the format.
END
}

# need COMMAND PACKAGE: whether it is here; if not, says so.
missing=""
need() {
  if have "$1"; then return; fi
  say "lint: no $1, so $part is not looked at; on Debian and Ubuntu: apt-get install $2"
  missing="$missing $1"
  return 1
}

# files PATTERNS…: those of the files asked for that match, each ended by a zero byte. What .gitattributes
# calls "-text" is kept byte by byte.
files() {
  git ls-files -z -- ${paths[@]+"${paths[@]}"} |
    git check-attr -z --stdin text | # path, attribute, value
    while IFS= read -r -d '' path && read -r -d '' _ && read -r -d '' value; do
      # shellcheck disable=SC2053 # the right side is a pattern
      for pattern; do
        if [[ $path == $pattern && $value != unset && -f $path ]]; then
          printf '%s\0' "$path"
          break
        fi
      done
    done
}

# findings: of what clang's tools say on stdin, each finding once; its status says whether there was one.
findings() {
  local found
  found=$(grep -E '(^|: )(warning|error): ' | sed "s|^$PWD/||" | sort -u) || true
  [ -n "$found" ] || return 0
  printf '%s\n' "$found"
  return 1
}

lint_format() {
  need clang-format clang-format || return 0
  files '*.cpp' '*.hpp' '*.cu' '*.cuh' | xargs -0 -r clang-format --dry-run -Werror 2>&1 |
    findings
}

lint_shell() {
  need shellcheck shellcheck || return 0
  { # by their names, and by their first lines
    files '*.sh'
    files '*' | xargs -0 -r awk '/^#!.*[\/ ](ba)?sh/ { printf "%s%c", FILENAME, 0 } { nextfile }'
  } | sort -zu | xargs -0 -r shellcheck -x -f gcc
}

# grep_text MESSAGE PATTERN: every line that matches, of the files on stdin, is a finding.
grep_text() {
  local found
  found=$(xargs -0 -r grep -nHIE -e "$2" -- || true)
  [ -n "$found" ] || return 0
  printf '%s\n' "$found" | sed -E "s/^([^:]*:[0-9]+):.*/\1: $1/"
  return 1
}

lint_text() {
  local status=0 file
  files '*' | grep_text "Windows' line end" $'\r$' || status=1
  files '*' | grep_text "a tab in the indentation" $'^ *\t' || status=1
  # In Markdown two blanks at the end of a line break it.
  files '!(*.md)' | grep_text "a blank at the end of the line" '[[:blank:]]$' || status=1
  while IFS= read -r -d '' file; do
    if [ -n "$(tail -c 1 "$file")" ]; then
      say "$file:$(($(wc -l <"$file") + 1)): no line end at the end of the file"
      status=1
    fi
  done < <(files '*')
  return "$status"
}

lint_tidy() {
  local build=$builds/lint wanted file
  need clang-tidy clang-tidy && need clang++ clang && need cmake cmake && need ninja ninja-build || return 0
  wanted=$(files '*.cpp' | tr '\0' '\n' | sed "s|.*|\"$PWD/&\"|") # as an #include names them
  [ -n "$wanted" ] || return 0
  need_writable_builds
  # clang++, for g++ has options that clang-tidy does not know. Headers take most of the time: so the
  # sources of a target are read as one, "unity", and headers once.
  logged cmake -S . -B "$build" -G Ninja -DCMAKE_BUILD_TYPE=Release -DCMAKE_CXX_COMPILER=clang++ \
    -DCMAKE_UNITY_BUILD=ON -DCMAKE_UNITY_BUILD_BATCH_SIZE=0 ||
    fail "CMake could not configure; the whole log is $(shown "$setup_log")"
  sed -n 's/^ *"file": "\(.*\)",*$/\1/p' "$build/compile_commands.json" |
    while read -r file; do
      if grep -qF -e "$wanted" "$file" - <<<"\"$file\""; then printf '%s\0' "$file"; fi
    done |
    xargs -0 -r -n 1 -P "$(cores)" clang-tidy -p "$build" --quiet 2>&1 | findings
}

main() {
  local word part chosen=() failed="" strict=""
  paths=()
  for word in "$@"; do
    case $word in
      -h | --help)
        usage
        exit
        ;;
      --strict) strict=yes ;;
      format | shell | text | tidy) chosen+=("$word") ;;
      -*) fail "there is no option $word; see scripts/lint.sh --help" 2 ;;
      *)
        git ls-files --error-unmatch -- "$word" >/dev/null 2>&1 ||
          fail "git does not know a file $word here; see scripts/lint.sh --help" 2
        paths+=("$word")
        ;;
    esac
  done
  git rev-parse --is-inside-work-tree >/dev/null 2>&1 ||
    fail "this is no checkout of git, and git says which files are the ladder's"
  [ ${#chosen[@]} -gt 0 ] || chosen=(text format shell tidy)
  for part in "${chosen[@]}"; do
    if ! "lint_$part"; then failed="$failed $part"; fi
  done
  [ -z "$failed" ] || fail "lint found something in:$failed"
  [ -z "$strict" ] || [ -z "$missing" ] || fail "--strict: a tool is missing:$missing"
  say "lint found nothing in: ${chosen[*]}"
}

main "$@"
