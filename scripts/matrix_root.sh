# shellcheck shell=bash
# Sourced by test_matrix.sh, which has build_and_test() and note(): rows that need another Debian than
# this machine's. debootstrap makes it in a folder; the sources are mounted there, read-only.

root_packages="g++ cmake ninja-build libeigen3-dev libfmt-dev libcli11-dev nlohmann-json3-dev \
libutf8proc-dev catch2 ca-certificates"

# What apt of this machine has been told about the network holds for the other one as well.
make_root() { # release, folder
  local mirror script=/usr/share/debootstrap/scripts/$1
  mirror=$(debian_mirror '^[a-z]+$')
  [ -n "$mirror" ] || return 1
  [ -e "$script" ] || script=/usr/share/debootstrap/scripts/sid # newer than debootstrap
  if [ ! -d "$2" ]; then
    rm -rf "$2.part"
    debootstrap --variant=minbase "$1" "$2.part" "$mirror" "$script" || return 1
    mv "$2.part" "$2"
  fi
  apt-config dump | grep -E '^Acquire::(Check-|https?::)' >"$2/etc/apt/apt.conf.d/90machine" || true
  cp -L /etc/resolv.conf /etc/hosts "$2/etc/" || true
  [ "$(cat "$2/ladder-packages" 2>/dev/null)" != "$root_packages" ] || return 0
  chroot "$2" apt-get -q update || return 1
  # shellcheck disable=SC2086 # a list of words
  chroot "$2" env DEBIAN_FRONTEND=noninteractive apt-get -y -q install --no-install-recommends \
    $root_packages || return 1
  echo "$root_packages" >"$2/ladder-packages"
}

# enter_root FOLDER SOURCE BUILD COMMAND…: as seen from the command, they are /, /ladder and /build.
# The mounts are its own and end with it.
enter_root() {
  # shellcheck disable=SC2016 # for the other shell
  unshare -m bash -c '
    set -e
    mkdir -p "$1/ladder" "$1/build"
    mount --bind "$2" "$1/ladder"
    mount -o remount,bind,ro "$1/ladder"
    mount --bind "$3" "$1/build"
    mount -t proc proc "$1/proc"
    mount --rbind /dev "$1/dev"
    root=$1
    shift 3
    exec chroot "$root" env HOME=/root LC_ALL=C.UTF-8 "$@"
  ' - "$@"
}

version_in() { # root, package
  # shellcheck disable=SC2016 # for dpkg-query
  chroot "$1" dpkg-query -W -f '${Version}' "$2" | sed 's/^[0-9]*://; s/[-+].*//'
}

test_in_root() { # row: the name of a release
  # shellcheck disable=SC2154 # of setup.sh
  local row=$1 folder=$builds/matrix/$1 root=$builds/matrix/$1/root compiler names=()
  if [ "$(id -u)" != 0 ] || ! unshare -m true 2>/dev/null; then
    note "$row" "-" "skipped: it takes root, and the right to mount"
    return
  elif ! have debootstrap || ! have apt-config; then
    note "$row" "-" "skipped: there is no debootstrap here (apt-get install debootstrap)"
    return
  fi
  mkdir -p "$folder/build"
  printf '\n== %s: a root of its own, log in %s ==\n' "$row" "$(shown "$folder/root.log")"
  if ! make_root "$row" "$root" >"$folder/root.log" 2>&1 </dev/null; then
    tail -n 5 "$folder/root.log"
    note "$row" "-" "FAILED: no root with debootstrap; see $(shown "$folder/root.log")"
    return
  fi
  compiler="g++ $(chroot "$root" g++ -dumpfullversion), fmt $(version_in "$root" libfmt-dev)"
  compiler="$compiler, Eigen $(version_in "$root" libeigen3-dev)"
  if [ -f "${MICROGPT_NAMES:-downloads/names.txt}" ]; then
    cp "${MICROGPT_NAMES:-downloads/names.txt}" "$root/names.txt"
    names=(MICROGPT_NAMES=/names.txt)
  fi
  # shellcheck disable=SC2317 # build_and_test calls it
  in_place() { enter_root "$root" "$PWD" "$folder/build" env ${names[@]+"${names[@]}"} "$@"; }
  build_and_test "$row" "$compiler" /ladder /build "$folder/row.log"
}
