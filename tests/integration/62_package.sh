#!/bin/bash
#
# The Debian package: it can be built, and comes, is replaced and goes as one
# should.  It is installed in an overlay of this system's root, in a namespace
# of its own, of which nothing stays; a script plays systemd.
set -euo pipefail
. "${srcdir:-.}/tests/support/lib.sh"

need dpkg-buildpackage dh lintian unshare systemd-analyze man
((EUID == 0)) || skip_all 'only root can install a package'

# --- a system to install it in
mkdir "$T/room"
# What is mounted stays in the namespace: in a chroot, which can not make all of
# it private, by what the tmpfs is.
# shellcheck disable=SC2016 # the dollars are that shell's
server_launch room unshare --mount --propagation unchanged bash -c 'set -e
  mount --make-rprivate / 2>/dev/null || true
  mount -t tmpfs tmpfs "$1/room"
  mount --make-private "$1/room"
  cd "$1/room"
  mkdir upper work root
  mount -t overlay -o lowerdir=/,upperdir=upper,workdir=work overlay root
  mount -t proc proc root/proc
  mount --bind /dev root/dev
  mount --bind "$1" "root$1"
  test -e root/var/lib/dpkg/status
  mkdir -p root/run/systemd/system
  touch ready
  exec sleep infinity' room "$T"
room=/proc/${server_pid[room]}/root$T/room
server_answers room test -e "$room/ready" ||
  skip_all "no overlay of this system: $(tail -n 1 "$T/room.log")"

inside() { # inside COMMAND…: as root there
  chroot "$room/root" env -i PATH=/usr/local/sbin:/usr/sbin:/usr/bin \
    LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive "$@"
}
as_user=(setpriv --reuid=my500 --regid=my500 --init-groups --)

# It has never heard of my500, starts services, and keeps manuals, but makes no
# index of them, which takes long.
forget() {
  inside dpkg --purge my500
  ! inside id my500 || inside userdel --force my500
  rm -rf "$room/root/etc/my500" "$room/root/usr/local/bin/my500.fcgi" \
    "$room/root"/etc/dpkg/dpkg.cfg.d/* "$room/root/usr/sbin/policy-rc.d" \
    "$room/root/var/lib/man-db/auto-update"
}
forget >"$T/forget.log" 2>&1

# What systemd is told to do goes to a file; another says what it has running.
cat >"$room/root/usr/local/sbin/systemctl" <<'EOF'
#!/bin/sh
for unit; do :; done
case " $* " in
  *" is-enabled "*) grep -qxF "$unit" /run/running && echo enabled ;;
  *" is-active "*) grep -qxF "$unit" /run/running ;;
  *) echo "$*" | sed 's/--[a-z]* //g' >>/run/told ;;
esac
EOF
chmod +x "$room/root/usr/local/sbin/systemctl"
: >"$room/root/run/running"
told() {
  grep -v daemon-reload "$room/root/run/told" || true
  : >"$room/root/run/told"
}

# --- building it
build() {
  env -u MAKEFLAGS -u MAKELEVEL -u CFLAGS make -s -C "$abs_top_builddir" deb \
    >"$T/build.log" 2>&1
}
check 'make deb' build
version=$("$my500" --version)
version=${version##* }
arch=$(dpkg --print-architecture)
cp "$abs_top_builddir/my500_${version}_$arch.deb" "$T/my500.deb"
is "$(lintian --fail-on error,warning "$T/my500.deb" 2>"$T/lintian.log" ||
  echo "status $?")" '' 'lintian has nothing to say'

# later NUMBER: the same, with a later version, and a line more in my500.conf.
later() {
  dpkg-deb -R "$T/my500.deb" "$T/later"
  sed -i "s/^Version: .*/&+$1/" "$T/later/DEBIAN/control"
  echo "# later: $1" >>"$T/later/etc/my500/my500.conf"
  dpkg-deb --root-owner-group -b "$T/later" "$T/my500-$1.deb"
  rm -r "$T/later"
}
later 1 >"$T/later.log"
later 2 >>"$T/later.log"

# --- installing it
dpkg_says() { # dpkg_says ARGUMENT…
  inside dpkg "$@" >>"$T/dpkg.log" 2>&1
}
owners() {
  inside stat -c '%n %U:%G %a' /etc/my500 /etc/my500/my500.conf
}
owned='/etc/my500 root:my500 750
/etc/my500/my500.conf root:my500 640'
conf=$room/root/etc/my500/my500.conf
judge() {
  inside "${as_user[@]}" my500.fcgi --config /etc/my500/my500.conf --check
}

check 'it is installed' dpkg_says -i "$T/my500.deb"
is "$(told)" '' 'which starts nothing'
like "$(inside getent passwd my500)" '^my500:x:[0-9]+:[0-9]+:.*nologin$' \
  'there is a user'
is "$(inside id -Gn my500)" my500 'in the group'
is "$(owners)" "$owned" 'who may read the settings, and nobody else'
is "$(inside stat -c '%U:%G %a' /run/my500)" 'my500:www-data 2755' \
  'and has a place for sockets'
is "$(inside my500.fcgi --version)" "my500 $version" 'it tells its version'
status=0
judge >"$T/judged" 2>&1 || status=$?
like "$status $(cat "$T/judged")" '^78 .*MY500_DATABASE_URL' \
  'it tells what is missing'
like "$(inside man -w my500.fcgi my500.conf)" 'my500.fcgi.8.*my500.conf.5' \
  'the manual is found'
units=(/usr/lib/systemd/system/my500{.service,.socket,-invalidator.service})
is "$(inside systemd-analyze verify --man=no "${units[@]}" 2>&1 |
  grep -F my500 || true)" '' 'systemd finds no fault with the units'
is "$(inside grep -rl local/libexec /usr/share/doc/my500 "${units[@]}")" '' \
  'nobody looks for the program elsewhere'

# --- replacing it
check 'a later one comes' dpkg_says -i "$T/my500-1.deb"
is "$(tail -n 1 "$conf")" '# later: 1' 'with its settings'
is "$(owners)" "$owned" 'as theirs are to be read'

start_postgres
load_schema -v users=2 -v contacts=5 -v big=5
start_memcached -a 0777
chmod 0755 "$T" # both for the user inside
{
  echo "MY500_DATABASE_URL=host=$T port=$PGPORT dbname=my500 user=my500"
  echo "MY500_MEMCACHED=$memcached_setting"
  echo "MY500_JWT_SECRET=$MY500_JWT_SECRET"
} >>"$conf"
cp "$conf" "$T/my500.conf"
judge >"$T/judge.log" 2>&1 && status=0 || status=$?
is "$status" 0 'configured, it finds all well'
user=$(psql -XAtc 'SELECT id FROM users ORDER BY email LIMIT 1')
ln -s "$room/root/run/my500/my500.sock" "$T/my500.sock"
answers() {
  [[ $(fcgi /api/my-500 "$(token "$user")" | status) == 200 ]]
}
serve() {
  local start
  start=$(inside sed -n 's/^ExecStart=//p' "${units[0]}")
  # shellcheck disable=SC2086 # words
  server_launch installed chroot "$room/root" "${as_user[@]}" $start \
    --listen unix:/run/my500/my500.sock --workers 1
  wait_until answers
}
check 'it serves' serve

printf '%s\n' my500.service my500.socket >"$room/root/run/running"
told >/dev/null
check 'another one comes while it runs' dpkg_says --force-confold \
  -i "$T/my500-2.deb"
is "$(told)" 'restart my500.service
start my500.socket' 'the service is restarted, and its socket stays'
check 'what was changed in the settings stays' cmp "$conf" "$T/my500.conf"
is "$(owners)" "$owned" 'as they are to be read'
server_stop installed
check 'it serves again' serve
server_stop installed

# --- taking it away
check 'it is removed' dpkg_says --remove my500
is "$(told)" 'stop my500.socket
stop my500-invalidator.service
stop my500.service' 'which stops all'
is "$(inside sh -c 'command -v my500.fcgi')" '' 'the program is gone'
check 'the settings are not' cmp "$conf" "$T/my500.conf"
echo secret >"$room/root/etc/my500/secret"
check 'it is purged' dpkg_says --purge my500
is "$(find "$room/upper" ! -type c -name '*my500*')" '' \
  'and nothing of it is left'
is "$(inside id -un my500)" my500 'but the user, whose files may be anywhere'

inside dpkg-statoverride --add root www-data 0640 /etc/my500/my500.conf
check 'it comes back' dpkg_says -i "$T/my500.deb"
like "$(owners)" 'my500.conf root:www-data 640$' \
  'and leaves to the administrator who may read the settings'
done_testing
