#!/bin/bash
#
# Behind each web server, with the configuration that we hand out for it: the
# same requests get the same answers, nobody starves, reloads lose nothing, all
# other paths are the app's.
set -euo pipefail
. "${srcdir:-.}/tests/support/lib.sh"
. "$abs_top_srcdir/tests/support/cache.sh"
. "$abs_top_srcdir/tests/support/front_ends.sh"

need jq perl curl lighttpd nginx apache2 prometheus
WORKERS=8
start_postgres
load_schema -v users=3 -v contacts=60 -v activities=3 -v big=200
start_memcached
# Where other users can reach it, too.
chmod 0755 "$T"
install -m 0755 "$my500" "$T/my500.fcgi"
my500=$T/my500.fcgi
mkdir "$T/www" "$T/cgi-bin"
{
  echo "MY500_DATABASE_URL=host=$T port=$PGPORT dbname=my500 user=my500"
  echo "MY500_MEMCACHED=$memcached_setting"
  echo "MY500_JWT_SECRET=$MY500_JWT_SECRET"
} >"$T/my500.conf"
printf '#!/bin/sh\nexec %q --config %q\n' "$my500" "$T/my500.conf" \
  >"$T/cgi-bin/my500"
chmod +x "$T/cgi-bin/my500"
app_port=$(free_port)
server_launch app "$abs_top_srcdir/tests/support/app.pl" "$app_port"

path=/api/my-500
user=$(psql -XAtc 'SELECT id FROM users ORDER BY email LIMIT 1')
token=$(token "$user")
# Of 6 KiB, by a claim that nobody reads.
long_token=$(perl -MDigest::SHA=hmac_sha256 -MMIME::Base64=encode_base64url -e '
  my $signed = join ".", map { encode_base64url($_) } q({"alg":"HS256"}),
    sprintf q({"sub":"%s","exp":%d,"long":"%s"}), $ARGV[0], time + 3600,
      "x" x 4400;
  print $signed, ".", encode_base64url(hmac_sha256($signed,
    $ENV{MY500_JWT_SECRET}))' "$user")
check 'there is a long token' test "${#long_token}" -gt 6000

# What must be alike: status, head and body, but for times, ids and lengths that
# follow from them.
essence() {
  sed -e 's/\r$//' -e '1s|^HTTP/[0-9.]* \([0-9]*\).*|\1|' \
    -e 's/,"performance":{[^}]*}//;s/"requestId":"[^"]*"//' \
    -e 's/"searchTime":[0-9.]*//' |
    awk 'BEGIN { count = split("content-type etag cache-control allow " \
        "retry-after www-authenticate x-content-type-options", names) }
      NR == 1 || in_body { print; next }
      /^$/ { in_body = 1
        for (i = 1; i <= count; i++)
          if (names[i] in fields) print names[i] fields[names[i]]
        print; next }
      { colon = index($0, ":")
        fields[tolower(substr($0, 1, colon - 1))] = substr($0, colon) }'
}

# ask NAME STATUS PATH [TOKEN [CURL-OPTION…]]
ask() {
  local name=$1 wanted=$2
  shift 2
  http "$@" >"$T/answer" || true
  is "$(status <"$T/answer")" "$wanted" "$front: $name is $wanted"
  essence <"$T/answer" >"$T/essence/$front/$name"
}

is_whole() { # the body is as long as it was said to be
  [[ $(body <"$T/answer" | wc -c) == $(header Content-Length <"$T/answer") ]]
}

requests() {
  local name query page=$path
  while read -r name query; do
    ask "$name" 200 "$page?$query" "$token"
  done <<'END'
first
limited limit=7&activities=3
second page=2&limit=9
encoded l%69mit=%32
repeated limit=2&limit=9
empty page=&limit=2&other=x
END
  page=$path/search
  while read -r name query; do
    ask "search-$name" 200 "$page?$query" "$token"
  done <<'END'
term q=an
none q=zzzz
plus q=a+b
space q=a%20b
percent q=%25
plus-sign q=%2B
utf-8 q=%C3%BC
raw-utf-8 q=ü
without
END
  ask long-token 200 "$path" "$long_token"
  ask same-path 200 "/api/%6dy%2D500?limit=2" "$token"
  ask dots 200 "/api/x/../my-500?limit=2" "$token"
  http "$path?limit=3" "$token" >"$T/answer"
  etag=$(header ETag <"$T/answer")
  ask unchanged 304 "$path?limit=3" "$token" -H "If-None-Match: $etag"
  ask unchanged-list 304 "$path?limit=3" "$token" -H "If-None-Match: \"a\", $etag"
  ask changed 200 "$path?limit=3" "$token" -H 'If-None-Match: W/"a"'
  ask head 200 "$path?limit=3" "$token" --head
  ask options 204 "$path" '' -X OPTIONS
  ask post 405 "$path" "$token" -d 'some=text'
  ask bad-limit 400 "$path?limit=101" "$token"
  ask bad-cursor 400 "$path?cursor=x" "$token"
  ask no-token 401 "$path"
  ask bad-token 401 "$path" "$token"x
  ask cookie 401 "$path" '' -H 'Cookie: a=b; c=d'
}

# --- what somebody must refuse, and what goes to the app
others() {
  local code other
  head -c 70000 /dev/zero | tr '\0' x | sed 's/^/X-Large: /' >"$T/large"
  code=$(http "$path" "$token" -H "@$T/large" | status)
  like "$code" '^(4|5)[0-9][0-9]$|^no answer$' \
    "$front: a header of 70,000 bytes is refused ($code)"
  for other in / /api/other /api/my-500xyz /api/my-500/ /api/my-500/search/x \
    /healthz /readyz /metrics /status; do
    is "$(http "$other" "$token" | body)" "the app: GET $other" \
      "$front: $other is the app's"
  done
}

# The port for this host's monitoring.
monitoring() {
  local admin=http://127.0.0.1:$admin_port query port seen
  is "$(curl -qs --noproxy '*' "$admin/healthz")" '{"status":"ok"}' \
    "$front: /healthz on the port for monitoring"
  [[ $front == nginx ]] || return 0
  port=$(free_port)
  mkdir "$T/prometheus"
  cp "$abs_top_srcdir/deploy/prometheus/alerts.yml" "$T/prometheus/"
  sed -e "s/127.0.0.1:9500/127.0.0.1:$admin_port/;s/interval: 15s/interval: 1s/" \
    "$abs_top_srcdir/deploy/prometheus/scrape.yml" >"$T/prometheus/scrape.yml"
  server_launch prometheus prometheus --config.file="$T/prometheus/scrape.yml" \
    --storage.tsdb.path="$T/prometheus/data" --log.level=error \
    --web.listen-address="127.0.0.1:$port"
  query="http://127.0.0.1:$port/api/v1/query?query="
  seen='my500_requests_total%7Bendpoint=%22contacts%22,status=%22200%22%7D'
  check "$front: Prometheus reads it" wait_until eval \
    '[[ $(curl -qs --noproxy "*" "$query$seen" |
      jq -r ".data.result[0].value[1] // 0" 2>/dev/null) -gt 5 ]]'
  is "$(curl -qs --noproxy '*' "http://127.0.0.1:$port/api/v1/rules" |
    jq '[.data.groups[].rules[] | select(.health == "err")] | length')" 0 \
    "$front: and has no quarrel with the alerts"
  server_stop prometheus
}

compression() {
  http "$path?limit=20" "$token" >"$T/answer"
  essence <"$T/answer" | sed '1,/^$/d' >"$T/plain"
  http "$path?limit=20" "$token" --compressed >"$T/answer"
  is "$(header Content-Encoding <"$T/answer")" gzip "$front: JSON is compressed"
  check "$front: and what it was" cmp -s "$T/plain" \
    <(essence <"$T/answer" | sed '1,/^$/d')
  # The ETag may be another then, and who made it another knows it again.
  is "$(http "$path?limit=20" "$token" --compressed \
    -H "If-None-Match: $(header ETag <"$T/answer")" | status)" 304 \
    "$front: and unchanged it is not sent again"
}

# crowd CLIENTS REQUESTS: each keeps its connection; their statuses, counted.
crowd() {
  local i
  for ((i = 0; i < $1 * $2; i++)); do
    echo "url = \"$URL$path?limit=2&page=$((i / $1 + 1))\""
    echo 'output = /dev/null'
  done | curl -qs --noproxy '*' --max-time 30 --parallel --parallel-immediate \
    --parallel-max "$1" -H "Authorization: Bearer $token" \
    -w '%{http_code}\n' -K - |
    sort | uniq -c | awk '{ printf "%s%s:%s", sep, $2, $1; sep = " " }'
}

# While requests come all the time, COMMAND…: the statuses of them.
under_load() {
  local i
  rm -f "$T/enough"
  for i in 1 2 3; do
    until [[ -e $T/enough ]]; do
      http "$path?limit=1" "$token" | status
    done >"$T/load.$i" &
    loading[i]=$!
  done
  sleep 0.3
  "$@"
  sleep 1
  touch "$T/enough"
  wait "${loading[@]}"
  sort "$T"/load.? | uniq -c | awk '{ printf "%s%s", sep, $2; sep = " " }'
}
loading=()
reload_my500() {
  kill -HUP "${server_pid[my500]}"
}

leaver() {
  lock_activities
  curl -qs --noproxy '*' --max-time 0.3 -H "Authorization: Bearer $token" \
    "$URL$path?page=1&limit=$((50 + RANDOM % 40))" >"$T/left" || true
  unlock_activities
}

for name in "${front_ends[@]}"; do
  mkdir -p "$T/essence/$name"
  front=$name
  if front_owns_workers; then
    server_launch invalidator "${as_service[@]}" "$my500" \
      --config "$T/my500.conf" --invalidator
  else
    start_my500 MY500_ADMIN_LISTEN="unix:$T/admin.sock"
    # The web server runs as another user here, who would be in our group.
    chmod 0666 "$T/my500.sock" "$T/admin.sock"
  fi
  front_start "$name"
  wait_until is_epoch
  requests
  others
  compression
  front_owns_workers || monitoring
  clients=100 each=5
  [[ $name != *-cgi ]] || clients=10 each=2
  is "$(crowd $clients $each)" "200:$((clients * each))" \
    "$name: $clients clients that keep their connections"
  leaver
  ask after-one-that-left 200 "$path?limit=2" "$token"
  if front_owns_workers; then
    # With the web server go its workers: who comes just then may get 503.
    like "$(under_load front_reload)" '^200( 503)?$' "$name: reloaded, it serves"
  else
    is "$(under_load front_reload)" 200 "$name: reloaded, it loses nothing"
    is "$(under_load reload_my500)" 200 "$name: nor when my500 is reloaded"
  fi
  stop_postgres
  ask no-database 503 "$path?page=777" "$token"
  start_postgres
  check "$name: and when it is back" wait_until eval \
    '[[ $(http "$path?page=778" "$token" | status) == 200 ]]'
  front_stop
  if front_owns_workers; then
    server_stop invalidator
  else
    stop_my500
  fi
done

# --- the limits that we hand out
front_rate=shipped
for name in lighttpd nginx apache-proxy-fcgi; do
  start_my500 MY500_DATABASE_TIMEOUT=20000
  chmod 0666 "$T/my500.sock"
  front_start "$name"
  # Whose answers all wait for a while.
  lock_activities
  psql -Xqc "NOTIFY my500, '*'"
  crowd 60 15 >"$T/crowd" &
  crowding=$!
  sleep 2
  unlock_activities
  wait "$crowding"
  like "$(cat "$T/crowd")" '^200:[0-9]+ 429:[0-9]+$' \
    "$name: some of 60 clients of one address get 429 ($(cat "$T/crowd"))"
  sleep 2
  is "$(http "$path" "$token" | status)" 200 "$name: and not for long"
  front_stop
  stop_my500
done

for name in "${front_ends[@]:1}"; do
  is "$(diff -r "$T/essence/${front_ends[0]}" "$T/essence/$name" | head -n 20)" \
    '' "$name says what ${front_ends[0]} says"
done
done_testing
