#!/bin/sh
# Creates the secrets that the compose files mount; those that exist are left as they are.
# The folder is closed to other users of the machine. The files in it are readable, because in their
# containers they are read by users that this machine does not know.
set -eu

cd "$(dirname "$0")"
umask 022
mkdir -p -m 700 secrets

random() { head -c 32 /dev/urandom | base64 | tr '+/' '-_'; }

if [ ! -e secrets/database_password ]; then
  password=$(random | tr -d =)
  printf '%s' "postgresql+psycopg://monitr:$password@db:5432/monitr" >secrets/database_url
  printf '%s' "$password" >secrets/database_password
fi
[ -e secrets/secret_key ] || random | tr -d '\n' >secrets/secret_key
[ -e secrets/odoo_database_password ] || random | tr -d '=\n' >secrets/odoo_database_password
[ -e secrets/root_certificate ] || : >secrets/root_certificate # until there is one: README.md says when
