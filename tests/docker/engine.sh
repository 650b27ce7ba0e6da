#!/bin/bash
# A Docker engine for the tests, with the base images that docker/ builds on.
#
#   engine.sh up      prints the environment of its client: export $(tests/docker/engine.sh up)
#   engine.sh down    stops the engine that `up` started; downloads, images and volumes stay cached
#
# An engine that is already reachable is used as it is and never stopped. Else, as root on Debian 12,
# one is unpacked from the packages of the next Debian release and started on a socket of its own;
# runc, iptables and debootstrap are installed on the machine. Where no image registry answers it,
# stand-ins with the same tags are built from Debian's packages (stand_in/). All of it is kept in
# $MONITR_TEST_CACHE/docker, else ~/.cache/monitr-tests/docker; the Debian mirror is the one the machine
# already uses, unless $MONITR_TEST_DEBIAN_MIRROR names another.
# Exit status 3: no engine can be had here; the last line on stderr says what would bring it.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
cache=${MONITR_TEST_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/monitr-tests}/docker
release=trixie
pid_file=$cache/docker.pid

up() {
  if docker_works; then return; fi
  use_own_client
  if ! docker_works; then
    require_root_on_debian_12
    mkdir -p "$cache"
    exec 9>"$cache/lock" && flock 9
    install_tools
    fetch_engine
    start_engine
  fi
  provide_base_images
  printf '%s\n' "PATH=$PATH" "DOCKER_HOST=$DOCKER_HOST" "DOCKER_CONFIG=$DOCKER_CONFIG"
}

down() {
  use_own_client
  if ! docker_works; then return; fi
  if [ -n "$(docker ps -q)" ]; then
    echo "left running: there are containers in use" >&2
    return
  fi
  kill "$(cat "$pid_file")"
  while [ -f "$pid_file" ]; do sleep 0.1; done
}

docker_works() { docker info >/dev/null 2>&1 && docker compose version >/dev/null 2>&1; }

use_own_client() {
  export PATH=$cache/root/usr/bin:$cache/root/usr/sbin:$PATH
  export DOCKER_HOST=unix://$cache/docker.sock DOCKER_CONFIG=$cache/client
}

require_root_on_debian_12() {
  # shellcheck source=/dev/null
  if [ "$(id -u)" = 0 ] && [ "$(. /etc/os-release && echo "$ID $VERSION_ID")" = "debian 12" ]; then return; fi
  echo "a reachable Docker engine with its compose plugin, or root on Debian 12" >&2
  exit 3
}

# The engine runs on this release's libc, but the next release's runc does not: that one is the machine's.
install_tools() {
  if command -v runc && command -v iptables && command -v debootstrap; then return; fi >/dev/null
  apt-get -qq update
  apt-get -qq install -y --no-install-recommends runc iptables debootstrap >/dev/null
}

fetch_engine() {
  if [ -d "$cache/client" ]; then return; fi
  echo "fetching a Docker engine of Debian $release" >&2
  mkdir -p "$cache/debs"
  apt_of_next_release update
  (cd "$cache/debs" && apt_of_next_release download docker.io docker-cli docker-compose docker-buildx containerd)
  for deb in "$cache"/debs/*.deb; do dpkg-deb -x "$deb" "$cache/root"; done
  rm -r "$cache/debs" "$cache/apt"
  mkdir "$cache/client"
  ln -s "$cache/root/usr/libexec/docker/cli-plugins" "$cache/client/cli-plugins"
}

# apt with lists and a status file of its own, on the mirror that the machine already uses.
apt_of_next_release() {
  local apt=$cache/apt
  mkdir -p "$apt"/{lists/partial,cache/archives/partial,empty}
  : >"$apt/status"
  echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $(debian_mirror) $release main" >"$apt/sources.list"
  apt-get -qq -o Dir::Etc::SourceList="$apt/sources.list" -o Dir::Etc::SourceParts="$apt/empty" \
    -o Dir::Etc::PreferencesParts="$apt/empty" -o Dir::State="$apt" -o Dir::State::status="$apt/status" \
    -o Dir::Cache="$apt/cache" -o APT::Sandbox::User=root "$@"
}

debian_mirror() {
  if [ -n "${MONITR_TEST_DEBIAN_MIRROR:-}" ]; then
    echo "$MONITR_TEST_DEBIAN_MIRROR"
    return
  fi
  # shellcheck disable=SC2016  # apt fills this in, not the shell
  apt-get indextargets --no-release-info --format '$(SITE)' 'Created-By: Packages' | grep -m 1 -E '/debian/?$'
}

start_engine() {
  if docker info >/dev/null 2>&1; then return; fi
  setsid dockerd --data-root "$cache/data" --exec-root "$cache/exec" --pidfile "$pid_file" \
    -H "$DOCKER_HOST" --ip6tables=false >"$cache/dockerd.log" 2>&1 9>&- &
  for _ in $(seq 120); do
    if docker info >/dev/null 2>&1; then
      docker version --format 'Docker {{.Server.Version}} started' >&2
      return
    fi
    sleep 0.25
  done
  tail -n 5 "$cache/dockerd.log" >&2
  echo "a machine on which dockerd can start (privileges for namespaces, cgroups and iptables)" >&2
  exit 3
}

provide_base_images() {
  provide python:3.13-slim-trixie python.Dockerfile
  provide postgres:17-trixie postgres.Dockerfile
  provide caddy:2 caddy.Dockerfile
}

# The real image where a registry answers; else a stand-in, built again whenever its recipe changed.
provide() {
  if is_real "$1" || docker pull -q "$1" >/dev/null 2>&1; then return; fi
  provide_debian
  docker build -q --label monitr.stand-in=yes -t "$1" -f "$here/stand_in/$2" "$here/stand_in" >/dev/null
}

is_real() {
  [ "$(docker image inspect -f '{{index .Config.Labels "monitr.stand-in"}}' "$1" 2>/dev/null || echo absent)" = "" ]
}

# The machine's certificates come along, so that pip and apt reach inside what they reach outside.
provide_debian() {
  local image=monitr-stand-in/debian:$release root=$cache/debootstrap bundle=/etc/ssl/certs/ca-certificates.crt
  if docker image inspect "$image" >/dev/null 2>&1; then return; fi
  echo "no image registry answers: building stand-ins of the base images from Debian's packages" >&2
  rm -rf "$root"
  debootstrap --variant=minbase --include=ca-certificates $release "$root" "$(debian_mirror)" >"$cache/debootstrap.log"
  cp $bundle "$root$bundle"
  tar -C "$root" --exclude='./proc/*' --exclude='./sys/*' --exclude='./dev/*' --exclude='./var/cache/apt/archives/*.deb' -c . |
    docker import -c "ENV PIP_CERT=$bundle SSL_CERT_FILE=$bundle" - "$image" >/dev/null
  rm -rf "$root"
}

case ${1:-} in
  up) up ;;
  down) down ;;
  *) sed -n '2,13s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
esac
