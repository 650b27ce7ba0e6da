#!/bin/bash
# fetch_debian.sh PACKAGE PROGRAM   Prints the path of a program of a Debian package, for the tests: the installed one,
# else the package's, unpacked into the cache folder. No root, and nothing is installed or started.
#
# CACHE is $MONITR_TEST_CACHE, else monitr-tests in $XDG_CACHE_HOME or ~/.cache.
#
# Exit status 3: it cannot be had here, and the last line on stderr says what it needs. Any other is a fault.
set -euo pipefail

package=${1:?which package}
program=${2:?which of its programs}
cache=${MONITR_TEST_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/monitr-tests}
target=$cache/$package
part=$target.part # gets its name when it is complete

main() {
  command -v "$program" && return
  mkdir -p "$cache"
  exec 9>"$target.lock"
  flock 9
  [ -e "$target" ] || fetch
  find "$target" -type f -name "$program" -path '*bin/*'
}

fetch() {
  command -v apt-get >/dev/null || unavailable
  rm -rf "$part"
  mkdir -p "$part/deb"
  (cd "$part/deb" && { apt-get -qq download "$package" || { update && apt-get -qq download "$package"; }; }) >&2 ||
    unavailable
  dpkg-deb --extract "$part"/deb/*.deb "$part"
  mv -T "$part" "$target"
}

update() { [ "$(id -u)" != 0 ] || apt-get -qq update; }

unavailable() {
  echo "$program (apt-get install $package)" >&2
  exit 3
}

main
