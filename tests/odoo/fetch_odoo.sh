#!/bin/bash
# fetch_odoo.sh 14.0|19.0   A real Odoo for the tests, unpacked from Debian's packages into the cache folder:
# no root, no chroot, and the host's own apt is left alone. Prints the version; does nothing the second time.
#
#   CACHE/odoo-SERIES/odoo      starts it: `odoo ARGS`, `odoo shell ARGS`
#   CACHE/odoo-SERIES/VERSION   what was unpacked
#
# 14.0: every package of bullseye that odoo-14 needs, run by their own loader, libc and Python 3.9.
# 19.0: the pure Python package of sid, run by this machine's python3 in a virtual environment.
# CACHE is $MONITR_TEST_CACHE, else monitr-tests in $XDG_CACHE_HOME or ~/.cache. The mirror is the one this
# machine already uses, else $MONITR_TEST_DEBIAN_MIRROR.
#
# Exit status 3: it cannot be had here, and the last line on stderr says what it needs. Any other is a fault.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
series=${1:?which series: 14.0 or 19.0}
cache=${MONITR_TEST_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/monitr-tests}
target=$cache/odoo-$series
part=$target.part # gets its name when it is complete, so a killed fetch leaves nothing that looks finished
keyring=/usr/share/keyrings/debian-archive-keyring.gpg

main() {
  [[ $series =~ ^(14|19)\.0$ ]] || unavailable "a folder of its source: only 14.0 and 19.0 are in Debian"
  mkdir -p "$cache"
  exec 9>"$target.lock"
  flock 9
  if [ ! -e "$target" ]; then
    rm -rf "$part"
    mkdir -p "$part/root"
    "fetch_${series%.0}"
    chmod +x "$part/odoo"
    mv -T "$part" "$target"
  fi
  cat "$target/VERSION"
}

unavailable() {
  echo "Odoo $series needs $1" >&2
  exit 3
}

fetch_14() {
  open_suite bullseye
  apt-get -qq -y --no-install-recommends --download-only install odoo-14 ||
    unavailable "a Debian mirror that still has all of bullseye"
  unpack odoo-14 "$part"/apt/cache/archives/*.deb
  # Debian's docutils has its data folder written into it: lead it to the unpacked copy.
  sed -i "s#'/usr/share/docutils/'#'$target/root/usr/share/docutils/'#" \
    "$part/root/usr/lib/python3/dist-packages/docutils/__init__.py"
  cat >"$part/odoo" <<'LAUNCHER'
#!/bin/bash
root=$(cd "$(dirname "$0")" && pwd)/root
lib=$(echo "$root"/lib/*-linux-gnu)
usr=$root/usr/lib/${lib##*/}
export LC_ALL=C.UTF-8 TZ=UTC PYTHONNOUSERSITE=1 PYTHONHOME=$root/usr PYTHONPATH=$root/usr/lib/python3/dist-packages
exec "$lib"/ld-2.*.so --library-path "$lib:$usr:$usr/blas:$usr/lapack" "$root/usr/bin/python3.9" "$root/usr/bin/odoo" "$@"
LAUNCHER
}

fetch_19() {
  local python
  python=$(find_python) || unavailable "Python 3.10 to 3.13 with venv (apt-get install python3-venv)"
  open_suite sid
  # Beside Odoo itself: what its web client reaches by relative links.
  (cd "$part/apt/cache/archives" && apt-get -qq download odoo-19 libjs-jquery libjs-underscore libjs-jquery-form \
    fonts-font-awesome fonts-roboto-unhinted fonts-montserrat fonts-inconsolata fonts-ocr-b) ||
    unavailable "a Debian mirror that has odoo-19 in sid"
  unpack odoo-19 "$part"/apt/cache/archives/*.deb
  "$python" -m venv "$part/venv"
  "$part/venv/bin/python" -m pip install -qq --require-hashes --requirement "$here/odoo19-requirements.txt"
  cat >"$part/odoo" <<'LAUNCHER'
#!/bin/bash
here=$(cd "$(dirname "$0")" && pwd)
export LC_ALL=C.UTF-8 TZ=UTC PYTHONNOUSERSITE=1 PYTHONPATH=$here/root/usr/lib/python3/dist-packages
exec "$here/venv/bin/python" -c 'import odoo.cli; odoo.cli.main()' "$@"
LAUNCHER
}

find_python() {
  local python
  for python in python3 python3.13 python3.12 python3.11 python3.10; do
    if "$python" -c 'import ensurepip, sys; sys.exit(not (3, 10) <= sys.version_info < (3, 14))' 2>/dev/null; then
      echo "$python"
      return
    fi
  done
  return 1
}

# From here on apt-get has its own sources, lists, cache and an empty list of installed packages.
open_suite() {
  local suite=$1 mirror tool
  for tool in apt-get dpkg-deb; do
    command -v "$tool" >/dev/null || unavailable "$tool: it is unpacked from Debian's packages"
  done
  [ -e "$keyring" ] || unavailable "Debian's signing keys (apt-get install debian-archive-keyring)"
  mirror=${MONITR_TEST_DEBIAN_MIRROR:-$(host_mirror)}
  [ -n "$mirror" ] || unavailable "the address of a Debian mirror in MONITR_TEST_DEBIAN_MIRROR"
  mkdir -p "$part"/apt/{empty,lists/partial,state,cache/archives/partial}
  : >"$part/apt/state/status"
  echo "deb [signed-by=$keyring] $mirror $suite main" >"$part/apt/sources.list"
  cat >"$part/apt/apt.conf" <<CONF
Dir::Etc::SourceList "$part/apt/sources.list";
Dir::Etc::SourceParts "$part/apt/empty";
Dir::Etc::PreferencesParts "$part/apt/empty";
Dir::State "$part/apt/state";
Dir::State::Lists "$part/apt/lists";
Dir::State::Status "$part/apt/state/status";
Dir::Cache "$part/apt/cache";
Debug::NoLocking "1";
APT::Sandbox::User "$(id -un)";
APT::Update::Error-Mode "any";
CONF
  export APT_CONFIG=$part/apt/apt.conf
  apt-get -qq update || unavailable "a Debian mirror that can be reached and still has $suite"
}

host_mirror() {
  apt-get indextargets --no-release-info --format '$(REPO_URI)' 2>/dev/null | grep -m1 -E '/debian(/|\.list)?$' || true
}

unpack() {
  local package=$1 deb
  shift
  for deb in "$@"; do
    dpkg-deb -x "$deb" "$part/root"
  done
  echo "Odoo $series (Debian's $package $(dpkg-deb -f "$(ls "$part"/apt/cache/archives/"$package"_*.deb)" Version))" >"$part/VERSION"
  rm -rf "$part/apt"
}

main
