#!/usr/bin/env bash
# Puts a qemu-aarch64 that knows SME2 into a folder: the system's own if it is version 11 or newer, else
# the one of Debian's forky, out of its package, from the mirror that apt here uses already, its signature
# checked by apt. Nothing is installed, and apt's own lists stay as they are.
set -euo pipefail
usage() {
  echo "scripts/fetch_qemu.sh FOLDER   makes FOLDER/qemu-aarch64 (17 MB; it downloads 80 MB)"
}
case ${1:-} in
  "") usage >&2 && exit 2 ;;
  -h | --help) usage && exit ;;
esac
mkdir -p "$1"
folder=$(cd "$1" && pwd)
cd "$(dirname "$0")/.."
source scripts/setup.sh
source scripts/private_apt.sh

version() { # of a qemu-aarch64: its first number
  "$1" --version 2>/dev/null | sed -n '1s/.*version \([0-9]*\).*/\1/p'
}
new_enough() {
  local number
  number=$(version "$1") && [ "${number:-0}" -ge 11 ]
}

if new_enough "$folder/qemu-aarch64"; then exit; fi
for own in qemu-aarch64 qemu-aarch64-static; do
  if have $own && new_enough $own; then
    ln -sf "$(command -v $own)" "$folder/qemu-aarch64"
    exit
  fi
done

if ! have apt-get || ! have dpkg-deb; then
  fail "there is no apt here to fetch QEMU 11 with: please install it (qemu-user)"
fi
[ -f /usr/share/keyrings/debian-archive-keyring.gpg ] ||
  fail "this is no Debian, so its packages are out of reach: please install QEMU 11 (qemu-user)"
work=$(mktemp -d "$folder/fetch.XXXXXX")
trap 'rm -rf "$work"' EXIT
log=$work/log
if ! private_apt "$work" forky >"$log" 2>&1 ||
  ! (cd "$work" && private_apt_get "$work" download qemu-user >>"$log" 2>&1); then
  tail -n 3 "$log" >&2
  fail "Debian's forky could not be reached for QEMU 11"
fi
dpkg-deb --fsys-tarfile "$work"/qemu-user_*.deb | tar -x -C "$work" ./usr/bin/qemu-aarch64
new_enough "$work/usr/bin/qemu-aarch64" || fail "forky's qemu-aarch64 does not run here, or is too old"
mv "$work/usr/bin/qemu-aarch64" "$folder/qemu-aarch64"
