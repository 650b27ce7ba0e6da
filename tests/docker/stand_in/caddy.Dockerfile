# Stands in for caddy:2: the same paths, the same file capability, busybox for wget.
FROM monitr-stand-in/debian:trixie
RUN apt-get update \
 && apt-get install -y --no-install-recommends busybox caddy libcap2-bin \
 && rm -rf /var/lib/apt/lists/* \
 && ln -s /usr/bin/busybox /usr/local/bin/wget \
 && setcap cap_net_bind_service=+ep /usr/bin/caddy \
 && mkdir -p /config/caddy /data/caddy
ENV XDG_CONFIG_HOME=/config XDG_DATA_HOME=/data
CMD ["caddy", "run", "--config", "/etc/caddy/Caddyfile", "--adapter", "caddyfile"]
