#!/bin/bash
#
# Databases that are not as tables.sql makes them, or that do what they seldom
# do: ids that are unique only for each user, a second schema, a crash, a view,
# missing keys, other encodings and collations, parallel plans.
set -euo pipefail
. "${srcdir:-.}/tests/support/lib.sh"
UNCACHED=yes

need jq
WORKERS=1

# What a rolled back transaction has written is to be lost in a crash, and no
# transaction is to happen but ours.
start_postgres autovacuum=off wal_level=minimal max_wal_senders=0 \
  wal_writer_delay=10s
load_schema -v users=2 -v contacts=600 -v big=1200 -v activities=1
start_memcached
user=$(psql -XAtc "SELECT id FROM users WHERE email LIKE 'user002@%'")
token=$(token "$user")

# copy NAME: of the sample; psql and its like use it from now on.
copy() {
  stop_my500
  createdb -T my500 "$1"
  export PGDATABASE=$1
}

# url [SCHEMA]: of this database, as Prisma has it.
url() {
  echo "postgresql://my500@/$PGDATABASE?host=$T&port=$PGPORT\
&schema=${1:-public}"
}

# serve [NAME=VALUE…]: this database, by a worker of its own.
serve() {
  stop_my500
  start_my500 MY500_DATABASE_URL="$(url)" "$@"
}

ask() { # leaves the raw answer in $T/answer
  fcgi "/api/my-500$1" "$token" >"$T/answer"
}
got_status() { status <"$T/answer"; }
got() { body <"$T/answer" | jq -rc "$1"; }

total() { # of the answer to a path
  ask "$1"
  got .data.pagination.total
}

# walk PATH JQ: what the filter says of each page from here to the end.
walk() {
  local cursor='' page
  for ((page = 0; page < 50; page++)); do
    ask "$1$cursor"
    got "$2"
    cursor="&cursor=$(got .data.pagination.nextCursor)"
    [[ $cursor != *=null ]] || break
  done
}

# matches TERM: a condition.  We ask for no term that has a blank.
matches() {
  echo "\"userId\" = '$user'
    AND concat_ws(' ', name, email, organisation) ILIKE '%$1%'"
}

# true_total TERM [SCHEMA]: of the contacts that match, as of now.
true_total() {
  PGTZ=UTC psql -XAtc "SELECT count(*) FROM ${2:-public}.contacts
    WHERE $(matches "$1")"
}

totals() {
  echo "$(total '?limit=1') $(total '/search?limit=1&q=gmail')"
}
true_totals() {
  echo "$(true_total '' "$@") $(true_total gmail "$@")"
}

# While it stays the same, a number that is remembered counts.
snapshot() {
  psql -XAtc 'SELECT pg_current_snapshot()'
}

# --- ids that are unique only for each user
copy shared_ids
psql -Xq -v ON_ERROR_STOP=1 -v user="$user" <<'SQL'
ALTER TABLE activities DROP CONSTRAINT "activities_contactId_fkey";
ALTER TABLE contacts DROP CONSTRAINT contacts_pkey,
  ADD PRIMARY KEY ("userId", id);
CREATE INDEX ON contacts (id);
UPDATE contacts c SET id = twin.id
FROM (SELECT id, row_number() OVER (ORDER BY id) AS place FROM contacts
    WHERE "userId" <> :'user') AS own
  JOIN (SELECT id, row_number() OVER (ORDER BY id) AS place FROM contacts
    WHERE "userId" = :'user') AS twin USING (place)
WHERE c."userId" <> :'user' AND c.id = own.id;
ANALYZE contacts;
SQL
is "$(psql -XAtc 'SELECT count(*) - count(DISTINCT id) FROM contacts')" 600 \
  'two users have contacts of the same ids'
owned() { # owned TERM: whose, and which, in the order of pages
  psql -XAtF ' ' -c "SELECT \"userId\", id FROM contacts
    WHERE $(matches "$1")
    ORDER BY \"addedToCampaign\" DESC, \"warmnessScore\", \"lastContacted\",
      \"createdAt\" DESC, id"
}
shown='.data.contacts[] | .userId + " " + .id'
serve
for term in '' e gmail; do
  path="?limit=97&activities=0"
  [[ -z $term ]] || path="/search$path&q=$term"
  owned "$term" >"$T/wanted"
  diag "$(wc -l <"$T/wanted") contacts match \"$term\""
  is "$(walk "$path" "$shown" | sha256sum)" "$(sha256sum <"$T/wanted")" \
    "by cursor only the caller's are shown [$path]"
  is "$(walk "$path" '.data.contacts | select(length > 97) | length')" '' \
    "and never too many [$path]"
  path="${path/97/20}"
  for page in 2 13 14 31; do
    ask "$path&page=$page"
    got "$shown"
    sed -n "$((page * 20 - 19)),$((page * 20))p" "$T/wanted" >&3
  done >"$T/got" 3>"$T/wanted_pages"
  is "$(sha256sum <"$T/got")" "$(sha256sum <"$T/wanted_pages")" \
    "and by number [$path]"
done
still_alive

# --- two schemas of one database
copy schemas
psql -Xq -v ON_ERROR_STOP=1 <<'SQL'
CREATE SCHEMA staging;
CREATE TABLE staging.users AS SELECT * FROM users;
CREATE TABLE staging.activities AS SELECT * FROM activities;
CREATE TABLE staging.contacts AS SELECT * FROM contacts
WHERE id NOT IN (SELECT id FROM contacts WHERE "userId" =
    (SELECT id FROM users WHERE email LIKE 'user002@%')
  ORDER BY email LIKE '%gmail%' DESC NULLS LAST, id LIMIT 100);
SQL
PGOPTIONS='-c search_path=staging' psql -Xq -v ON_ERROR_STOP=1 \
  -f "$abs_top_srcdir/schema/role.sql" >"$T/role.log"
before=$(snapshot)
for schema in public staging public; do
  serve MY500_DATABASE_URL="$(url "$schema")"
  is "$(totals)" "$(true_totals "$schema")" \
    "the totals are those of the schema [$schema]"
done
is "$(snapshot)" "$before" 'without a transaction between'
check 'which have more contacts than are counted each time' \
  test "$(true_total '' staging)" -ge 1000

# --- "contacts" as a view, of which rows vanish without a transaction
copy view
psql -Xq -v ON_ERROR_STOP=1 <<'SQL'
ALTER TABLE contacts RENAME TO all_contacts;
CREATE VIEW contacts AS SELECT * FROM all_contacts
WHERE "deactivatedAt" IS NULL OR "deactivatedAt" > localtimestamp;
SQL
psql -Xq -v ON_ERROR_STOP=1 -f "$abs_top_srcdir/schema/role.sql"
serve
have_vanished() {
  [[ $(true_totals) != "$visible" ]]
}
psql -Xqc 'UPDATE all_contacts SET "deactivatedAt" = NULL'
visible=$(true_totals)
for seconds in 1 4 16; do # on a busy machine, asking may take long
  psql -Xqc "UPDATE all_contacts SET \"deactivatedAt\" =
    (now() AT TIME ZONE 'UTC') + interval '$seconds seconds'
    WHERE id IN (SELECT id FROM all_contacts WHERE \"userId\" = '$user'
      ORDER BY email LIKE '%gmail%' DESC NULLS LAST, id LIMIT 100)"
  before=$(snapshot)
  totals=$(totals)
  have_vanished || break
done
is "$totals" "$visible" 'the totals of a view'
wait_until have_vanished
is "$(totals)" "$(true_totals)" 'are counted anew'
is "$(snapshot)" "$before" 'also without a transaction between'
check 'and when they are large' test "$(true_total '')" -ge 1000
still_alive

# --- contacts of which the order says little
copy unplaced
psql -Xq -c 'ALTER TABLE contacts ALTER "addedToCampaign" DROP NOT NULL' \
  -c "UPDATE contacts SET \"addedToCampaign\" = NULL WHERE id IN (SELECT id
    FROM contacts WHERE \"userId\" = '$user' ORDER BY id LIMIT 30)"
serve
ask '?limit=20'
is "$(got_status) $(got '.data.pagination | [.hasNext, .nextCursor]')" \
  '200 [true,null]' 'no cursor can be made of a contact without its key'
check 'and the log says so' \
  grep -q "\"event\":\"contact_without_place\".*\"userId\":\"$user\"" \
  "$T/my500.log"
logged=$(grep -c contact_without_place "$T/my500.log" || true)
ask '?limit=31'
like "$(got_status) $(got .data.pagination.nextCursor)" \
  '^200 [A-Za-z0-9_-]{40}' 'of the next one it can'
is "$(grep -c contact_without_place "$T/my500.log" || true)" "$logged" \
  'and nothing is logged'
still_alive

# --- a database in LATIN1
stop_my500
createdb -E LATIN1 --locale=C -T template0 latin1
export PGDATABASE=latin1
for file in tables role indexes; do
  psql -Xq -v ON_ERROR_STOP=1 -f "$abs_top_srcdir/schema/$file.sql"
done
psql -Xq -v ON_ERROR_STOP=1 -v user="$user" <<'SQL'
SET client_encoding = 'UTF8';
INSERT INTO users (id, email, "updatedAt")
VALUES (:'user', 'user@example.com', now());
INSERT INTO contacts (id, name, email, "updatedAt", "userId")
VALUES ('1', 'Jörg Müller', NULL, now(), :'user'),
  ('2', 'Anna Lee', 'anna@example.com', now(), :'user'),
  ('3', 'Renée Smith', NULL, now(), :'user');
SQL
serve
for q in %E2%82%AC %E6%97%A5%E6%9C%AC a%C5%82 '%F0%9F%A6%84&page=2'; do
  ask "/search?q=$q"
  is "$(got_status) $(got '[.code, .details.field]')" \
    '400 ["VALIDATION_ERROR","q"]' \
    "letters that LATIN1 does not have are refused [$q]"
done
is "$(grep -icE '€|日|本|ł|🦄|(0x|%)(e2|e6|c5|f0)|u(20ac|65e5|672c|0142)' \
  "$T/my500.log" || true)" 0 'and not in the log'
ask '/search?q=%C3%BC'
is "$(got_status) $(got '[.data.contacts[].name]')" '200 ["Jörg Müller"]' \
  'those that it has are found'
ask '/search?q=ANNA'
is "$(got '[.data.contacts[].name]')" '["Anna Lee"]' 'and capitals'
ask ''
is "$(got '[.data.contacts[].name] | sort')" \
  '["Anna Lee","Jörg Müller","Renée Smith"]' 'and listed'
still_alive

# --- a column with a collation that has no ILIKE
copy collation
psql -Xq -v ON_ERROR_STOP=1 <<'SQL'
CREATE COLLATION nd (provider = icu, locale = 'und', deterministic = false);
DROP INDEX my500_contacts_search;
ALTER TABLE contacts ALTER email TYPE text COLLATE nd;
SQL
serve
for ((i = 0; i < 2; i++)); do
  ask '/search?q=a'
  is "$(got_status) $(got '[.error, .code]')" \
    '500 ["Failed to search contacts","INTERNAL_ERROR"]' \
    'a search fails, and is no lost connection'
  ask ''
  is "$(got_status)" 200 'the list works'
done
checked() {
  local status=0
  MY500_DATABASE_URL=$(url) MY500_MEMCACHED=$memcached_setting \
    "$my500" --check >"$T/check" 2>&1 || status=$?
  echo "$status $(grep -c 'database: is reached, but refuses' "$T/check")"
}
psql -Xqc 'ANALYZE contacts' # ALTER TABLE has left it without statistics
is "$(checked)" '78 1' '--check says it beforehand'
still_alive

# --- a server that likes parallel plans, without prepared statements
copy parallel
for setting in parallel_setup_cost=0 parallel_tuple_cost=0 \
  min_parallel_table_scan_size=0 min_parallel_index_scan_size=0 \
  session_preload_libraries=auto_explain auto_explain.log_min_duration=0 \
  auto_explain.log_analyze=on; do
  psql -Xqc "ALTER DATABASE parallel SET ${setting/=/ = }"
done
everything() {
  local path
  for path in '?' '?page=2&limit=100&' '?page=31&' '/search?q=e&' \
    '/search?q=e&page=31&' '/search?q=gmail&' '/search?q=zzzz&'; do
    ask "$path"
    got '.data | del(.searchStats.searchTime)'
    path=${path/page=*/}
    ask "${path}cursor=$(got .data.pagination.nextCursor)"
    got '.data | del(.searchStats.searchTime), .details.field'
  done
}
launched() {
  grep -c 'Workers Launched: [1-9]' "$T/postgres.log" || true
}
explained() {
  grep -c 'Query Text:' "$T/postgres.log" || true
}
serve
everything >"$T/wanted"
before=$(explained)
serve MY500_PREPARE=off
everything >"$T/got"
check "$(($(explained) - before)) statements are explained" \
  test "$(explained)" -ge $((before + 14 * 3))
is "$(launched)" 0 'no parallel workers are started'
is "$(sha256sum <"$T/got")" "$(sha256sum <"$T/wanted")" \
  'and the answers are those of prepared statements'
stop_my500
PGUSER=my500 psql -Xqc 'SELECT name FROM contacts ORDER BY name' >"$T/names"
check 'which this server would do' test "$(launched)" -ge 1

# --- a crash, after which a transaction's number is handed out again
copy crash
serve
count_recoveries() {
  grep -c 'all server processes terminated; reinitializing' \
    "$T/postgres.log" || true
}
has_recovered() {
  (($(count_recoveries) > recoveries)) && psql -Xqc 'SELECT 1' >"$T/probe" 2>&1
}
for ((i = 0; i < 10; i++)); do # until the number was not written to disk
  psql -Xqc CHECKPOINT
  psql -Xqc BEGIN -c 'SELECT pg_current_xact_id()' -c ROLLBACK >"$T/number"
  total '/search?q=reborn' >"$T/remembered"
  total '?limit=1' >>"$T/remembered"
  before=$(snapshot)
  recoveries=$(count_recoveries)
  kill -KILL "$(psql -XAtc "SELECT pid FROM pg_stat_activity
    WHERE datname = 'crash' AND usename = 'my500' LIMIT 1")"
  wait_until has_recovered
  psql -Xqc "INSERT INTO contacts (id, name, \"updatedAt\", \"userId\")
    VALUES ('reborn$i', 'Reborn', now(), '$user')"
  [[ $(snapshot) != "$before" ]] || break
done
is "$(snapshot)" "$before" 'after a crash a snapshot may look like one before'
is "$(total '/search?q=reborn')" "$(true_total reborn)" \
  'and the number remembered with that one is not taken'
is "$(total '?limit=1')" "$(true_total '')" 'nor that of the list'
still_alive
done_testing
