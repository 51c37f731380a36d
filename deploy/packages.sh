# shellcheck shell=bash
#
# Sees to the Debian packages that my500 needs:
#
#   . deploy/packages.sh
#   need_packages build run
#
# installs what is missing by apt-get, as root or through sudo; when nothing is
# missing, neither is touched.  Run as a program it is its own root half, and
# installs the packages named on its command line.

packages_for() {
  case $1 in
    build)
      # gcc and automake only recommend libc6-dev and make; libmemcached's
      # pkg-config file wants libsasl2's and libcrypto's.
      echo gcc libc6-dev make autoconf automake pkg-config libfcgi-dev \
        libpq-dev libmemcached-dev libsasl2-dev libjson-c-dev libjwt-dev \
        libssl-dev
      ;;
    run)
      echo postgresql memcached lighttpd lighttpd-mod-deflate \
        lighttpd-modules-lua perl curl jq
      ;;
    test)
      echo libcmocka-dev clang clang-format libfcgi-bin spawn-fcgi strace \
        pgbouncer mandoc procps openssl xz-utils prometheus iproute2 \
        apache2-bin libapache2-mod-fcgid libapache2-mod-evasive nginx-light \
        systemd openapi-specification python3-jsonschema python3-yaml lintian
      ;;
    package)
      # What dpkg-buildpackage takes beside "build".
      echo build-essential debhelper
      ;;
    *)
      echo "packages.sh: no such purpose: $1" >&2
      return 64
      ;;
  esac
}

# Prints those of the packages named that are not installed.  A PostgreSQL
# server of any version will do, wherever it came from.
missing_packages() {
  local installed package
  installed=" $(dpkg-query -W -f '${db:Status-Status}:${Package} ' "$@" \
    2>/dev/null || true)"
  for package; do
    [[ $installed == *" installed:$package "* ]] && continue
    [[ $package == postgresql ]] &&
      compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null && continue
    echo "$package"
  done
}

# need_packages PURPOSE…
need_packages() {
  local purpose wanted=() missing=() root=() status=0
  for purpose; do
    # shellcheck disable=SC2207 # package names hold no blanks
    wanted+=($(packages_for "$purpose"))
  done
  if ! command -v dpkg-query >/dev/null; then
    echo "This is no Debian: if something is missing, install what Debian" \
      "calls ${wanted[*]}." >&2
    return 0
  fi

  mapfile -t missing < <(missing_packages "${wanted[@]}")
  ((${#missing[@]} > 0)) || return 0

  echo "installing ${#missing[@]} packages: ${missing[*]}"
  if ((EUID != 0)); then
    if ! command -v sudo >/dev/null; then
      echo "There is no sudo here. As root, run:" \
        "apt-get install ${missing[*]}" >&2
      return 69
    fi
    root=(sudo)
  fi
  "${root[@]}" bash "${BASH_SOURCE[0]}" "${missing[@]}" || status=$?
  if ((status > 128)); then # interrupted
    return "$status"
  elif ((status > 0)); then
    echo "Packages are missing. When the cause is mended, start again; or run" \
      "this yourself: apt-get install ${missing[*]}" >&2
    return 69
  fi
}

# The root half.  Debian starts a service when its package is installed, now
# and at each boot, and makes a database cluster; nobody asked for that who only
# tries us.
install_packages() {
  local package
  export DEBIAN_FRONTEND=noninteractive
  apt_log=$(mktemp)
  for package; do
    case $package in
      memcached | lighttpd | pgbouncer | prometheus) services+=("$package") ;;
    esac
  done
  trap settle_packages EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM HUP

  # One at a time: apt's own locks do not cover "update", nor our settings.
  exec {lock}</var/lib/dpkg
  flock "$lock"

  if [[ ! -e $policy ]]; then
    temporary+=("$policy")
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod 755 "$policy"
  fi
  temporary+=("$cluster_settings")
  mkdir -p "${cluster_settings%/*}"
  echo 'create_main_cluster = false' >"$cluster_settings"

  apt_quietly apt-get update
  apt_quietly apt-get install --download-only "$@"
  # dpkg does not take interruptions well: Ctrl-C waits for its end.
  apt_quietly setsid apt-get install --no-download "$@"
}

# What keeps services from being started (Debian policy 9.3.3) and a main
# cluster from being made (createcluster.conf), while we install.
policy=/usr/sbin/policy-rc.d
cluster_settings=/etc/postgresql-common/createcluster.d/my500.conf
temporary=()

# Of the packages to be installed, those that Debian would start at each boot.
services=()

settle_packages() {
  local service
  for service in "${services[@]}"; do
    [[ -e /etc/init.d/$service ]] || continue
    update-rc.d "$service" disable >/dev/null 2>&1 || true
    echo "installed, but neither started now nor at boot: $service"
  done
  rm -f "${temporary[@]}" "$apt_log"
  rmdir "${cluster_settings%/*}" 2>/dev/null || true
}

# apt_quietly COMMAND…: silent unless it fails.
apt_quietly() {
  if ! "$@" -qy --no-install-recommends -o DPkg::Lock::Timeout=300 \
    -o Dpkg::Use-Pty=0 </dev/null >>"$apt_log" 2>&1; then
    tail -n 15 "$apt_log" >&2
    echo "This failed: ${*:1:3}. Its last words are above." >&2
    exit 69
  fi
}

if [[ ${BASH_SOURCE[0]} == "$0" ]]; then
  set -euo pipefail
  install_packages "$@"
fi
