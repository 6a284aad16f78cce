# shellcheck shell=bash
# What the scripts that test on emulated processors share. Sourced by them; usage() is theirs.

fail() {
  echo "error: $1" >&2
  exit 1
}

help_if_asked() { # the script's arguments
  case ${1:-} in
    -h | --help)
      usage
      exit
      ;;
  esac
}

# Reads lines: a file that is needed, and the Debian package that has it.
need_files() {
  local file package missing=""
  while read -r file package; do
    [ -e "$file" ] || missing="$missing $package"
  done
  [ -z "$missing" ] || fail "please install:$missing"
}
