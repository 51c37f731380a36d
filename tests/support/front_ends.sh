# shellcheck shell=bash disable=SC2154
#
# The web servers, each with the configuration that deploy/ has for it; to be
# sourced after lib.sh, with my500's settings in $T/my500.conf.
#
#   front_start NAME    starts it, as it serves; sets $URL, and $admin_port for
#                       monitoring where my500 has a socket for that
#   front_reload        as an administrator would; front_stop
#   front_owns_workers  whether it starts the workers itself
#
# front_rate=shipped leaves the limits as they are handed out, but lighttpd's,
# which is 5 then; otherwise nobody comes near them.

front_ends=(lighttpd lighttpd-spawn nginx nginx-keep-conn apache-proxy-fcgi
  apache-fcgid apache-cgi)
front_rate=
front=

free_port() {
  perl -MIO::Socket::INET -e 'print IO::Socket::INET->new(Listen => 1,
    LocalAddr => "127.0.0.1")->sockport'
}

# front_render FILE: what deploy/ has, with our places in place of its.
front_render() {
  sed -e "s|/run/my500/|$T/|;s|/run/lighttpd/|$T/|;s|/var/log/lighttpd/|$T/spawned-|" \
    -e "s|/usr/local/libexec/my500/my500.fcgi|$my500|" \
    -e "s|/etc/my500/my500.conf|$T/my500.conf|" \
    -e "s|/etc/lighttpd/my500-limit.lua|$T/limit.lua|" \
    -e "s|/usr/local/lib/cgi-bin/my500|$T/cgi-bin/my500|" \
    -e "s|127.0.0.1:3000|127.0.0.1:$app_port|" \
    -e "s|\"port\" => 3000|\"port\" => $app_port|" \
    -e "s|127.0.0.1:9500|127.0.0.1:$admin_port|" \
    -e "s|listen 80;|listen 127.0.0.1:$port;|;s|\*:80>|127.0.0.1:$port>|" \
    "$abs_top_srcdir/deploy/$1" |
    if [[ $front_rate == shipped ]]; then
      # So many at once as a busy machine brings together.
      sed 's|^local most = 40|local most = 5|'
    else
      sed -e 's|rate=20r/s|rate=100000r/s|;s|burst=40|burst=10000|' \
        -e 's/^DOS\(Page\|Site\)Count .*/DOS\1Count 1000000/' \
        -e 's|^local most = 40|local most = 10000|'
    fi
}

front_owns_workers() {
  [[ $front == *-spawn || $front == *-fcgid || $front == *-cgi ]]
}

front_start() {
  local tries
  front=$1
  for tries in 1 2 3; do
    port=$(free_port)
    admin_port=$(free_port)
    URL=http://127.0.0.1:$port
    "front_start_${front%%-*}" "${front#*-}"
    ! server_answers "$front" curl -qsf --noproxy '*' --max-time 5 "$URL/" ||
      return 0
    server_stop "$front"
  done
  server_complain "$front"
}

front_stop() {
  server_stop "$front"
}

front_reload() {
  local signal=HUP
  [[ $front == nginx* ]] || signal=USR1
  kill "-$signal" "${server_pid[$front]}"
}

front_start_lighttpd() {
  local file=my500.conf
  [[ $1 != spawn ]] || file=my500-spawn.conf
  front_render "lighttpd/$file" >"$T/front-my500.conf"
  front_render lighttpd/limit.lua >"$T/limit.lua"
  printf '%s\n' 'server.bind = "127.0.0.1"' "server.port = $port" \
    "server.document-root = \"$T/www\"" "server.upload-dirs = ( \"$T\" )" \
    'include "front-my500.conf"' >"$T/front.conf"
  server_launch "$front" "${as_service[@]}" lighttpd -D -f "$T/front.conf"
}

front_start_nginx() {
  local file=my500.conf dir
  [[ $1 != keep-conn ]] || file=my500-keep-conn.conf
  front_render "nginx/$file" >"$T/front-my500.conf"
  cp /etc/nginx/fastcgi_params "$T/fastcgi_params"
  {
    echo "worker_processes 2; pid $T/nginx.pid; error_log stderr; daemon off;"
    echo 'events { worker_connections 1024; }'
    echo "http { access_log off; include $T/front-my500.conf;"
    for dir in client_body proxy fastcgi uwsgi scgi; do
      echo "${dir}_temp_path $T/nginx-$dir;"
    done
    echo '}'
  } >"$T/front.conf"
  server_launch "$front" "${as_service[@]}" nginx -e stderr -c "$T/front.conf"
}

front_start_apache() {
  local module modules=(mpm_event authz_core proxy proxy_http deflate filter)
  case $1 in
    proxy-fcgi) modules+=(proxy_fcgi) ;;
    fcgid) modules+=(fcgid) ;;
    cgi) modules+=(cgid alias) ;;
  esac
  front_render "apache/my500-$1.conf" >"$T/front-my500.conf"
  {
    echo 'LoadModule evasive20_module /usr/lib/apache2/modules/mod_evasive20.so'
    for module in "${modules[@]}"; do
      echo "LoadModule ${module}_module /usr/lib/apache2/modules/mod_$module.so"
    done
    printf '%s\n' "ServerRoot $T" "PidFile $T/apache.pid" 'ServerName localhost' \
      "ErrorLog $T/$front-errors.log" "Listen 127.0.0.1:$port" "DocumentRoot $T/www" \
      "DefaultRuntimeDir $T" "MaxRequestWorkers 150"
    [[ $1 != cgi ]] || echo "ScriptSock $T/cgid.sock"
    [[ $1 != fcgid ]] || printf '%s\n' "FcgidIPCDir $T/fcgid" \
      "FcgidProcessTableFile $T/fcgid.table"
    echo "Include $T/front-my500.conf"
  } >"$T/front.conf"
  server_launch "$front" "${as_service[@]}" apache2 -DFOREGROUND \
    -f "$T/front.conf"
}
