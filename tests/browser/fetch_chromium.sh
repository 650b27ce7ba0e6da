#!/bin/bash
# fetch_chromium.sh   Prints the path of a Chromium for the tests; Debian's is installed where there is none.
#
# Exit status 3: it cannot be had here, and the last line on stderr says what it needs. Any other is a fault.
set -euo pipefail

main() {
  installed && return
  if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
    echo "Chromium (apt-get install chromium)" >&2
    exit 3
  fi
  exec 9>"${TMPDIR:-/tmp}/monitr-chromium.lock"
  flock 9
  installed && return
  export DEBIAN_FRONTEND=noninteractive
  { apt-get -qq update && apt-get -qq -y --no-install-recommends install chromium fonts-dejavu-core; } >&2 || {
    echo "a Debian mirror that has chromium" >&2
    exit 3
  }
  installed
}

installed() { command -v chromium || command -v google-chrome; }

main
