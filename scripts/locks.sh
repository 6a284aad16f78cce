# shellcheck shell=bash
# Sourced by setup.sh, which has say(), fail() and builds.
#
# Two commands in one checkout would write the same files. A lock is a folder, since only one can
# make it; the number of the process in it tells whether its owner still lives.
locks=""

is_alive() { # process
  kill -0 "$1" 2>/dev/null || ps -p "$1" >/dev/null 2>&1
}

owner_of() { # lock; nothing while its owner is about to say who it is
  cat "$1/process" 2>/dev/null || true
}

# The lock is moved first: of two that see that its owner is gone, one moves it. Should it have moved
# a lock that was taken just now, it is put back.
break_lock() { # lock, owner that is gone
  mv "$1" "$1.$$" 2>/dev/null || return 0
  if [ "$(owner_of "$1.$$")" = "$2" ]; then rm -rf "$1.$$"; else mv "$1.$$" "$1"; fi
}

# take_lock NAME WHAT: waits until no other process does WHAT here.
take_lock() {
  # shellcheck disable=SC2154 # of setup.sh
  local lock=$builds/$1.lock owner told="" unnamed=0
  need_writable_builds
  until mkdir "$lock" 2>/dev/null; do
    owner=$(owner_of "$lock")
    if [ -z "$owner" ]; then
      unnamed=$((unnamed + 1))
      [ "$unnamed" -lt 10 ] || [ -d "$lock" ] || fail "cannot make the folder $lock"
      [ "$unnamed" -lt 5 ] || break_lock "$lock" ""
    elif ! is_alive "$owner"; then
      break_lock "$lock" "$owner"
      continue
    elif [ "$told" != "$owner" ]; then
      say "process $owner is $2 here; waiting for it to end ($(shown "$lock"))"
      told=$owner
    fi
    sleep 1
  done
  echo $$ >"$lock/process"
  locks="$locks $1"
}

has_lock() {
  case " $locks " in
    *" $1 "*) return 0 ;;
    *) return 1 ;;
  esac
}

release_lock() { # name
  rm -rf "$builds/$1.lock"
  # shellcheck disable=SC2086 # a list of words
  locks=$(printf '%s\n' $locks | grep -vx "$1" | tr '\n' ' ' || true)
}

release_locks() {
  local name
  for name in $locks; do release_lock "$name"; done
}
trap release_locks EXIT
