#!/bin/sh
# Puts the site on an empty Debian 12 or 13, as root. Say it again at any time: what is there stays, what is missing comes.
#
#   SITE=www.example.org OPERATOR=you@example.org BACKUP_RECIPIENTS=age1... EMAIL_URL=smtp+tls://user:password@host:587 \
#       sh install.sh <repository> [<branch, tag or commit>]
#
# These four are asked for once; afterwards they stand in /etc/immuno. More may be said: COPY_TO=user@host:folder
# (backups elsewhere), CLINICAL_REVIEW=label, DATABASE=sqlite (for PostgreSQL), SCANNER=no (ClamAV needs 1.5 GB).
set -eu
umask 077

stop() {
    echo "install: $*" >&2
    exit 1
}
say() { echo "$(date +%T) $*"; }
is_booted() { [ -d /run/systemd/system ]; }

[ $# -ge 1 ] || stop "Say where the code is: sh install.sh <repository> [<branch, tag or commit>]"
repository=$1 ref=${2:-main}
[ "$(id -u)" = 0 ] || stop "Run it as root."
. /etc/os-release
case "$ID$VERSION_ID" in
debian12 | debian13) ;;
*) stop "This is $PRETTY_NAME; the script knows Debian 12 and 13." ;;
esac
if [ ! -e /etc/immuno/env ]; then
    : "${SITE:?Set SITE to the name of the site, like www.example.org}"
    : "${OPERATOR:?Set OPERATOR to your mail address: who is told when something is wrong}"
    : "${BACKUP_RECIPIENTS:?Set BACKUP_RECIPIENTS to the public half (age1...) of the key pair made offline: age-keygen}"
    : "${EMAIL_URL:?Set EMAIL_URL to the mail server: smtp+tls://user:password@host:587}"
fi
# What was decided the first time holds, unless something else is said.
if [ -e /etc/immuno/env ]; then
    grep -q '^DATABASE_URL=postgres' /etc/immuno/env || DATABASE=${DATABASE:-sqlite}
    grep -q '^CLAMD_ADDRESS=.' /etc/immuno/env || SCANNER=${SCANNER:-no}
fi
DATABASE=${DATABASE:-postgresql} SCANNER=${SCANNER:-yes}

# --- Packages -----------------------------------------------------------------------------------------------

packages="git python3 python3-venv nginx-light redis-server nullmailer bsd-mailx rsync openssh-client certbot \
    libseccomp2 logrotate openssl ca-certificates"
if [ "$DATABASE" = postgresql ]; then packages="$packages postgresql postgresql-client"; fi
if [ "$SCANNER" = yes ]; then packages="$packages clamav-daemon clamav-freshclam"; fi
say "Debian's packages"
# shellcheck disable=SC2086 # words
missing=$(dpkg-query -W -f '${db:Status-Status} ${Package}\n' $packages 2>/dev/null | grep -c '^installed ' || true)
if [ "$missing" != "$(echo "$packages" | wc -w)" ]; then
    apt-get update -qq
    # shellcheck disable=SC2086
    DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends $packages >/dev/null
    # Files that are compressed already, in the smaller encoding: where Debian has the module.
    DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends libnginx-mod-http-brotli-static \
        >/dev/null 2>&1 || say "nginx's module for brotli is not there; files go out as gzip"
fi

# --- User, folders, keys ------------------------------------------------------------------------------------

id immuno >/dev/null 2>&1 || adduser --quiet --system --group --home /var/lib/immuno --no-create-home immuno
if getent group clamav >/dev/null; then usermod -a -G clamav immuno; fi
usermod -a -G redis immuno
install -d -m 755 /srv/immuno /srv/immuno/releases /var/www/acme
install -d -m 711 -o immuno -g immuno /var/lib/immuno
install -d -m 700 /etc/immuno /etc/immuno/keys
install -d -m 700 -o www-data -g www-data /var/cache/nginx /var/cache/nginx/immuno

random() { head -c "$1" /dev/urandom | base64 -w0 | tr '+/' '-_' | tr -d '='; }
key() { # NAME VALUE: once, for root alone
    if [ ! -s "/etc/immuno/keys/$1" ]; then printf '%s' "$2" >"/etc/immuno/keys/$1"; fi
    chmod 600 "/etc/immuno/keys/$1"
}
is_new=no
if [ ! -s /etc/immuno/keys/consultation_keys ]; then is_new=yes; fi
key secret_key "$(random 45)"
key consultation_keys "bound:$(random 32)"
key consultation_index_key "$(random 32)"
key email_url "${EMAIL_URL:-}"
if [ ! -e /etc/immuno/keys/copy_key ]; then ssh-keygen -q -t ed25519 -N '' -C immuno-backups -f /etc/immuno/keys/copy_key; fi
if [ ! -e /etc/immuno/keys/copy_host ]; then : >/etc/immuno/keys/copy_host; fi

# --- The code -----------------------------------------------------------------------------------------------

if [ ! -d /srv/immuno/repository ]; then
    say "The code"
    (umask 022 && git clone --quiet --bare "$repository" /srv/immuno/repository)
fi
git config --global --get-all safe.directory | grep -qx /srv/immuno/repository ||
    git config --global --add safe.directory /srv/immuno/repository
git -C /srv/immuno/repository fetch --quiet --tags origin '+refs/heads/*:refs/heads/*'
commit=$(git -C /srv/immuno/repository rev-parse --quiet --verify "$ref^{commit}") || stop "There is no \"$ref\" in $repository."
deploy=$(mktemp -d)
trap 'rm -rf "$deploy"' EXIT
git -C /srv/immuno/repository archive "$commit" immuno_site/deploy | tar -x -C "$deploy" --strip-components=2

# --- Variables ----------------------------------------------------------------------------------------------

set_variable() { # NAME VALUE: unless the operator has said something else
    if [ -n "$2" ]; then sed -i "s|^$1=\$|$1=$2|" /etc/immuno/env; fi
}
if [ ! -e /etc/immuno/env ]; then
    # Secrets come from their files, handed over by systemd.
    grep -v -E '^(SECRET_KEY|CONSULTATION_KEYS|CONSULTATION_INDEX_KEY|EMAIL_URL)=' "$deploy/env.example" |
        sed "s|www\.example\.org|$SITE|; s|^CLINICAL_REVIEW=.*|CLINICAL_REVIEW=${CLINICAL_REVIEW:-required}|" >/etc/immuno/env
    set_variable OPERATOR_EMAIL "$OPERATOR"
    set_variable BACKUP_RECIPIENTS "$BACKUP_RECIPIENTS"
    if [ "$DATABASE" = postgresql ]; then set_variable DATABASE_URL 'postgres://immuno@%2Fvar%2Frun%2Fpostgresql/immuno'; fi
    set_variable REDIS_URL 'unix:///run/redis/immuno.sock?db=0'
fi
set_variable COPY_TO "${COPY_TO:-}"
if [ "$SCANNER" = yes ]; then set_variable CLAMD_ADDRESS unix:/run/clamav/clamd.ctl; fi
SITE=$(sed -n 's|^SITE_URL=https://||p' /etc/immuno/env)
OPERATOR=$(sed -n 's|^OPERATOR_EMAIL=\([^,]*\).*|\1|p' /etc/immuno/env)

# --- Redis, mail, logs --------------------------------------------------------------------------------------

# Finished pages, no patients: in memory only, on a local socket, the oldest leave first.
cat >/etc/redis/immuno.conf <<'CONF'
port 0
unixsocket /run/redis/immuno.sock
unixsocketperm 770
maxmemory 256mb
maxmemory-policy allkeys-lru
save ""
CONF
chown redis:redis /etc/redis/immuno.conf
grep -q '^include /etc/redis/immuno.conf' /etc/redis/redis.conf || echo 'include /etc/redis/immuno.conf' >>/etc/redis/redis.conf

# What the machine itself has to say (root's mail) leaves by the same mail server, for the operator.
relay() { # smtp+tls://user:password@host:port -> a line of nullmailer
    python3 - <<'PY'
from pathlib import Path
from urllib.parse import unquote, urlsplit
url = urlsplit(Path("/etc/immuno/keys/email_url").read_text().strip())  # as an argument everybody could read it
words = [url.hostname or "localhost", "smtp", f"--port={url.port or {'smtp': 25, 'smtps': 465}.get(url.scheme, 587)}"]
words += {"smtp+tls": ["--starttls"], "smtps": ["--ssl"]}.get(url.scheme, [])
words += [f"--user={unquote(url.username)}", f"--pass={unquote(url.password or '')}"] if url.username else []
print(" ".join(words))
PY
}
(umask 077 && relay >/etc/nullmailer/remotes.new && mv /etc/nullmailer/remotes.new /etc/nullmailer/remotes)
chown mail:mail /etc/nullmailer/remotes
echo "$OPERATOR" >/etc/nullmailer/adminaddr
echo "$SITE" >/etc/mailname
chmod 644 /etc/nullmailer/adminaddr /etc/mailname

# nginx's log is turned by Debian's own /etc/logrotate.d/nginx (14 days); the journal by this.
install -d -m 755 /etc/systemd/journald.conf.d
printf '[Journal]\nStorage=persistent\nSystemMaxUse=1G\nMaxRetentionSec=90day\n' >/etc/systemd/journald.conf.d/immuno.conf
chmod 644 /etc/systemd/journald.conf.d/immuno.conf

# --- nginx and its certificate ------------------------------------------------------------------------------

install -d -m 700 /etc/immuno/tls
if [ ! -e /etc/immuno/tls/fullchain.pem ]; then # to start with; nobody trusts it
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 90 -subj "/CN=$SITE" \
        -addext "subjectAltName=DNS:$SITE" -keyout /etc/immuno/tls/privkey.pem -out /etc/immuno/tls/fullchain.pem 2>/dev/null
fi
cat >/etc/immuno/use-certificate <<'HOOK'
#!/bin/sh
# certbot says this after each renewal.
set -eu
ln -sfn "$RENEWED_LINEAGE/fullchain.pem" /etc/immuno/tls/fullchain.pem
ln -sfn "$RENEWED_LINEAGE/privkey.pem" /etc/immuno/tls/privkey.pem
nginx -t -q && systemctl reload nginx
HOOK
chmod 700 /etc/immuno/use-certificate
sed "s/www\.example\.org/$SITE/g" "$deploy/nginx.conf" >/etc/nginx/conf.d/immuno.conf
cp "$deploy/nginx-headers.conf" /etc/nginx/immuno-headers.conf
rm -f /etc/nginx/immuno-brotli.conf
if [ -e /etc/nginx/modules-enabled/50-mod-http-brotli-static.conf ]; then echo 'brotli_static on;' >/etc/nginx/immuno-brotli.conf; fi
chmod 644 /etc/nginx/conf.d/immuno.conf /etc/nginx/immuno-*.conf
grep -q '^worker_rlimit_nofile' /etc/nginx/nginx.conf || sed -i '1i worker_rlimit_nofile 10240;' /etc/nginx/nginx.conf
sed -i 's/worker_connections .*/worker_connections 4096;/' /etc/nginx/nginx.conf
rm -f /etc/nginx/sites-enabled/default

# --- Units and commands -------------------------------------------------------------------------------------

cp -r "$deploy"/systemd/* /etc/systemd/system/
chmod -R u=rwX,go=rX /etc/systemd/system/immuno-* /etc/systemd/system/tell-immuno@.service /etc/systemd/system/run-immunobodies.mount
install -m 700 "$deploy/bin/immuno" /usr/local/sbin/immuno

if ! is_booted; then
    say "systemd does not run here. Everything lies in its place; boot the machine and say the same again."
    exit 0
fi

# --- Start --------------------------------------------------------------------------------------------------

systemctl daemon-reload
systemctl restart systemd-journald redis-server nullmailer
if [ "$DATABASE" = postgresql ]; then
    systemctl start postgresql
    as_postgres() { (cd / && runuser -u postgres -- "$@"); }
    [ "$(as_postgres psql -Atc 'SHOW port')" = 5432 ] || stop "PostgreSQL listens at another port than 5432; set it back, or name it in DATABASE_URL."
    [ "$(as_postgres psql -Atc "SELECT 1 FROM pg_roles WHERE rolname='immuno'")" = 1 ] || as_postgres createuser immuno
    [ "$(as_postgres psql -Atc "SELECT 1 FROM pg_database WHERE datname='immuno'")" = 1 ] ||
        as_postgres createdb -O immuno -T template0 -E UTF8 --locale=C.UTF-8 immuno
fi
if [ "$SCANNER" = yes ]; then
    systemctl start clamav-freshclam clamav-daemon
    systemctl enable --quiet immuno-worker@scan_files immuno-rescan.timer
fi
systemctl enable --quiet run-immunobodies.mount immuno-web.socket immuno-web@current immuno-worker@send_mail \
    immuno-backup.timer immuno-erase_expired.timer immuno-sweep_files.timer immuno-watch.timer \
    immuno-write_open_data.timer immuno-publish_scheduled.timer immuno-look_at_sources.timer
systemctl start run-immunobodies.mount immuno-web.socket
if grep -q '^COPY_TO=.' /etc/immuno/env; then systemctl enable --quiet --now immuno-copy_backups.timer; fi
nginx -t -q || stop "nginx does not take its configuration, see above."
systemctl enable --quiet nginx && systemctl restart nginx
immuno release "$commit"
systemctl start immuno-worker@send_mail immuno-backup.timer immuno-erase_expired.timer immuno-sweep_files.timer immuno-watch.timer \
    immuno-write_open_data.timer immuno-publish_scheduled.timer immuno-look_at_sources.timer
if [ "$SCANNER" = yes ]; then systemctl start immuno-worker@scan_files immuno-rescan.timer; fi

say "https://$SITE/ is up, with a certificate nobody trusts yet: immuno certificate"
echo "Next: immuno createsuperuser"
if [ $is_new = yes ]; then
    echo "Copy /etc/immuno/keys/consultation_keys and consultation_index_key to two places outside this machine, TODAY."
fi
if grep -q '^COPY_TO=$' /etc/immuno/env; then
    echo "Backups lie on this machine alone: say COPY_TO=user@host:folder sh install.sh ..., put $(cat /etc/immuno/keys/copy_key.pub)"
    echo "there into authorized_keys, and ssh-keyscan of that host into /etc/immuno/keys/copy_host."
fi
