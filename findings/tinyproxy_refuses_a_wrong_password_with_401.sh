#!/usr/bin/env bash
# tinyproxy 1.11.1 (Debian 12) answers a CONNECT whose proxy password is wrong with 401, and one without any with 407.
#
# RFC 9110, 15.5.8: a proxy that wants other credentials says 407 Proxy Authentication Required; 401 is of the origin
# server, which a client inside a tunnel that was never opened has not reached. A client that takes 407 alone for "the
# proxy's password is wrong" blames the server behind it, or tries the server's own password. Seen: without
# a password 407, with a wrong one 401, with the right one 200.
#
# It needs apt-get with a Debian 12 mirror, dpkg-deb and python3. Exits 1 where the answers are others.
set -euo pipefail

PACKAGE=tinyproxy-bin
VERSION=1.11.1-2.1+deb12u1
folder=$(mktemp -d)
trap 'kill $(jobs -p) 2>/dev/null || true; rm -rf "$folder"' EXIT
cd "$folder"
chmod 755 .
apt-get -qq download "$PACKAGE=$VERSION"
dpkg-deb -x "$PACKAGE"_*.deb .

python3 - <<'PYTHON'
import base64, pathlib, socket, subprocess, sys, time


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


port = free_port()
pathlib.Path("conf").write_text(
    f"Port {port}\nListen 127.0.0.1\nTimeout 20\nMaxClients 10\nBasicAuth reader right\n"
)
proxy = subprocess.Popen(["usr/bin/tinyproxy", "-d", "-c", "conf"], stdout=subprocess.DEVNULL)
server = socket.create_server(("127.0.0.1", 0))  # where the tunnel is to lead
target = f"127.0.0.1:{server.getsockname()[1]}"


def status(password):
    for _ in range(50):
        try:
            line = socket.create_connection(("127.0.0.1", port), timeout=10)
            break
        except ConnectionRefusedError:
            time.sleep(0.1)
    else:
        sys.exit("tinyproxy does not start")
    credentials = base64.b64encode(f"reader:{password}".encode()).decode()
    header = f"Proxy-Authorization: Basic {credentials}\r\n" if password else ""
    line.sendall(f"CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n{header}\r\n".encode())
    answer = line.recv(4096).decode()
    line.close()
    return int(answer.split()[1])


seen = {name: status(name) for name in (None, "wrong", "right")}
proxy.terminate()
print("tinyproxy 1.11.1, CONNECT:", seen)
sys.exit(seen != {None: 407, "wrong": 401, "right": 200})
PYTHON
