# shellcheck shell=bash
# Sourced by scripts that unpack single packages of another release of Debian, without installing
# them: lists of packages of their own, from the mirror that this machine uses, signatures checked.

private_options() { # folder
  printf '%s\n' -o "Dir::Etc::SourceList=$1/sources.list" -o Dir::Etc::SourceParts=- \
    -o "Dir::State::Lists=$1/lists" -o "Dir::Cache=$1/cache" -o "Dir::State::status=$1/status" \
    -o APT::Sandbox::User= -o Debug::NoLocking=1 -o APT::Update::Error-Mode=any \
    -o Acquire::Languages=none -o Acquire::Retries=2 -o Acquire::http::Timeout=20
}

private_mirror() { # without a slash at its end
  # shellcheck disable=SC2016 # $(…) is apt's, not the shell's
  apt-get indextargets --format '$(REPO_URI) $(ORIGIN)' 'Created-By: Packages' |
    awk '$2 == "Debian" || $2 ~ /ORIGIN/ { print $1; exit }' | sed 's,/*$,,' | grep . || {
    echo "error: apt here has no mirror of Debian; please add one to its sources" >&2
    return 1
  }
}

private_apt_get() { # folder, what apt-get is to do…
  local options
  mapfile -t options < <(private_options "$1")
  shift
  apt-get -q "${options[@]}" "$@"
}

private_apt() { # folder, release: its lists
  local mirror key=/usr/share/keyrings/debian-archive-keyring.gpg
  mirror=$(private_mirror) || return
  mkdir -p "$1"/{lists/partial,cache/archives/partial}
  : >"$1/status"
  printf '%s [signed-by=%s] %s %s main\n' deb "$key" "$mirror" "$2" \
    deb-src "$key" "$mirror" "$2" >"$1/sources.list"
  private_apt_get "$1" update
}

private_depends() { # folder, package, pattern: the first package that it depends on, of this name
  local options
  mapfile -t options < <(private_options "$1")
  apt-cache "${options[@]}" depends "$2" | sed -n 's/^ *Depends: //p' | grep -m 1 "$3" || true
}

# The file of a source package whose name ends so, by the checksum that the signed list has of it.
private_source() { # folder, package, end of the name
  local options record sum name directory mirror
  mapfile -t options < <(private_options "$1")
  record=$(apt-cache "${options[@]}" showsrc "$2")
  directory=$(sed -n 's/^Directory: //p' <<<"$record" | head -n 1)
  read -r sum name < <(sed -n '/^Checksums-Sha256:/,/^[^ ]/p' <<<"$record" |
    awk -v end="$3" 'substr($3, length($3) - length(end) + 1) == end { print $1, $3; exit }')
  mirror=$(private_mirror) || return
  /usr/lib/apt/apt-helper download-file "$mirror/$directory/$name" \
    "$name" "SHA256:$sum"
}
