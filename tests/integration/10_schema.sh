#!/usr/bin/env bash
#
# schema/: every file up, again, down, up; after an interruption; beside running
# writers.  What the worker's role may do, and what it may not.  The sample.

set -euo pipefail
. "${srcdir:-.}/tests/support/lib.sh"
need postgres psql createdb pg_dump

# file NAME [-v NAME=VALUE…]: runs a file of schema/.
file() {
  local name=$1
  shift
  psql -Xq -v ON_ERROR_STOP=1 "$@" -f "$abs_top_srcdir/schema/$name.sql" \
    >"$T/$name.out" 2>&1
}

sql() {
  psql -XAtq -v ON_ERROR_STOP=1 "$@"
}

# Its sessions may write, as far as default_transaction_read_only goes: what is
# refused is refused by rights.
as_role() {
  PGUSER=my500 PGOPTIONS='-c default_transaction_read_only=off' \
    sql -o /dev/null -c "$1" 2>&1
}

# All objects and rights of the database, its role among them.
state() {
  pg_dump -s -C | grep -v restrict
  sql -c "SELECT rolname, rolcanlogin, rolconfig FROM pg_roles
    WHERE rolname !~ '^pg_' ORDER BY 1"
}

# same GOT WANTED NAME: for texts of many lines.
same() {
  local status=0
  diff <(echo "$2") <(echo "$1") >"$T/same.out" || status=$?
  ok "$status" "$3"
  ((status == 0)) || diag "$(cat "$T/same.out")"
}

# All rows of the database.
rows() {
  local table
  for table in users organizations contacts activities; do
    sql -c "SELECT '$table', count(*),
      md5(string_agg(r::text, E'\n' ORDER BY r.id COLLATE \"C\"))
      FROM $table r"
  done
}

missing() {
  sql -f "$abs_top_srcdir/schema/queries/missing_indexes.sql"
}

# The columns of contact.def or activity.def, as a list.
columns() {
  sed -n 's/^COLUMN([A-Z]*, *\([A-Za-z]*\))$/"\1"/p' \
    "$abs_top_srcdir/include/my500/$1.def" | paste -sd,
}

wait_until() {
  local tries
  for ((tries = 0; tries < 300; tries++)); do
    [[ $(sql -c "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE $1)") != t ]] ||
      return 0
    sleep 0.05
  done
  return 1
}

start_postgres

# --- up, again, down, up -----------------------------------------------------

createdb one
export PGDATABASE=one
small=(-v users=8 -v contacts=60 -v big=300 -v activities=4)

check 'tables.sql' file tables
bare=$(state)
check 'indexes.sql' file indexes
check 'notify.sql' file notify
check 'role.sql' file role
up=$(state)
for name in tables indexes notify role; do
  check "$name.sql again" file "$name"
  is "$(cat "$T/$name.out")" '' "$name.sql has nothing to say"
done
same "$(state)" "$up" 'nothing has changed'
is "$(missing)" '' 'no index is missing'

check 'sample.sql' file sample "${small[@]}"
data=$(rows)
check 'sample.sql again' file sample "${small[@]}"
is "$(rows)" "$data" 'no row has changed'

check 'uninstall.sql' file uninstall
same "$(state)" "$bare" 'the database is as it was before indexes.sql'
is "$(rows)" "$data" 'no row was touched'
check 'uninstall.sql again' file uninstall
same "$(state)" "$bare" 'nothing has changed'
check 'indexes.sql, up again' file indexes
check 'notify.sql, up again' file notify
check 'role.sql, up again' file role
same "$(state)" "$up" 'all is back'

createdb empty
for name in uninstall tables indexes notify role uninstall tables; do
  PGDATABASE=empty check "$name.sql in a database of its own" file "$name"
done

# --- another schema ----------------------------------------------------------

createdb other
in_other_schema() {
  local -x PGDATABASE=other PGOPTIONS='-c search_path=app'
  sql -c 'CREATE SCHEMA app' && file tables && file indexes && file notify &&
    file role && file sample "${small[@]}"
}
check 'all of it in another schema than public' in_other_schema
is "$(PGDATABASE=other sql -c "SELECT string_agg(DISTINCT schemaname, ' ')
  FROM pg_stat_user_tables")" app 'nothing of it is in public'
is "$(PGDATABASE=other PGUSER=my500 PGOPTIONS='-c search_path=app' \
  sql -c 'SELECT count(id) FROM users')" 8 'the role can read it there'

file uninstall
is "$(cat "$T/uninstall.out")" \
  'The role my500 is still needed elsewhere and stays.' \
  'a role that another database needs stays'
like "$(as_role 'SELECT id FROM users')" 'permission denied' \
  'but it has no rights here any more'
PGDATABASE=other PGOPTIONS='-c search_path=app' file uninstall
is "$(sql -c "SELECT to_regrole('my500') IS NULL")" t \
  'and it goes with the last of them'
file indexes
file role

# --- indexes.sql on a live database ------------------------------------------

file uninstall
# A transaction that has written and does not end: the build waits for it.
sql -c "UPDATE contacts SET \"followersCount\" = \"followersCount\"" \
  -c BEGIN -c 'UPDATE users SET name = name' \
  -c 'UPDATE contacts SET name = name WHERE id IN (
    SELECT id FROM contacts ORDER BY id LIMIT 10)' \
  -c 'SELECT pg_sleep(60)' -c COMMIT >"$T/writer.out" 2>&1 &
wait_until "query = 'SELECT pg_sleep(60)'"
file indexes &
builder=$!
check 'while a transaction is open, the build waits' \
  wait_until "query LIKE 'CREATE INDEX%' AND wait_event_type = 'Lock'"
check 'others can write meanwhile' sql -c "SET lock_timeout = '1s'" \
  -c 'INSERT INTO users (id, email, "updatedAt") VALUES (1, 2, now())' \
  -c 'UPDATE contacts SET "updatedAt" = "updatedAt" WHERE id IN (
    SELECT id FROM contacts ORDER BY id DESC LIMIT 10)' \
  -c 'DELETE FROM users WHERE id = 1::text'
status=0
(file indexes) || status=$?
is "$status" 3 'a second run beside it is refused'
like "$(cat "$T/indexes.out")" 'is being run by somebody else' 'and told why'

sql -c "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
  WHERE query LIKE 'CREATE INDEX%'" >/dev/null
wait "$builder" || true
is "$(sql -c "SELECT string_agg(indexrelid::regclass::text, ' ')
  FROM pg_index WHERE NOT indisvalid")" my500_contacts_order \
  'an interrupted run leaves an INVALID index'
like "$(missing)" my500_contacts_order 'which counts as missing'
sql -c "SELECT pg_cancel_backend(pid) FROM pg_stat_activity
  WHERE query = 'SELECT pg_sleep(60)'" >/dev/null
wait_until "NOT EXISTS (SELECT FROM pg_stat_activity
  WHERE query = 'SELECT pg_sleep(60)' AND state = 'active')"
check 'indexes.sql once more' file indexes
is "$(missing)" '' 'has rebuilt it'

sql -c "UPDATE pg_index SET indisvalid = false
  WHERE indexrelid = 'my500_activities_latest'::regclass"
before=$(sql -c "SELECT 'my500_activities_latest'::regclass::oid,
  'my500_contacts_order'::regclass::oid")
file indexes
after=$(sql -c "SELECT 'my500_activities_latest'::regclass::oid,
  'my500_contacts_order'::regclass::oid")
is "$(missing)" '' 'an INVALID index beside valid ones is rebuilt'
is "${after#*|}" "${before#*|}" 'and they are left alone'
is "$(rows)" "$data" 'no row was touched'

# --- the index for searches, and its extensions ------------------------------

# in_search COMMAND…: as the owner of the tables, who is nobody special, in a
# database of their own.
in_search() {
  PGDATABASE=search PGUSER=builder "$@"
}

extensions() {
  in_search sql -c "SELECT string_agg(concat_ws(':', extname, nspname,
      CASE obj_description(e.oid, 'pg_extension') WHEN 'created by my500'
        THEN 'ours' ELSE 'theirs' END), ' ' ORDER BY extname)
    FROM pg_extension e JOIN pg_namespace n ON n.oid = extnamespace
    WHERE extname IN ('pg_trgm', 'btree_gin')"
}

sql -c 'CREATE ROLE builder LOGIN'
createdb search
PGDATABASE=search sql -c 'GRANT CREATE ON SCHEMA public TO builder'
in_search file tables
PGDATABASE=search file sample "${small[@]}"
bare=$(in_search state)

check 'indexes.sql by one who may not create extensions' in_search file indexes
is "$(wc -l <"$T/indexes.out")" 1 'says so in one line'
line='my500_contacts_search is not built: permission denied to create '
line+='extension .*pg_trgm and btree_gin.*superuser or a role with CREATE'
line+='.*slow for users with many thousands of contacts'
like "$(cat "$T/indexes.out")" "$line" \
  'what is missing, who can help, and what it means'
is "$(in_search missing)" 'my500_contacts_search|t' 'and builds the others'
PGDATABASE=search sql -c 'CREATE EXTENSION btree_gin'
in_search file indexes
is "$(extensions)" btree_gin:public:theirs 'with one of the two it is the same'
PGDATABASE=search sql -c 'DROP EXTENSION btree_gin'

PGDATABASE=search sql -c 'GRANT CREATE ON DATABASE search TO builder'
PGDATABASE=search sql -c 'DROP INDEX my500_contacts_texts, my500_contacts_long'
check 'by one who may and would rather not' in_search file indexes -v search=off
is "$(cat "$T/indexes.out")$(in_search missing)$(extensions)" \
  "$(printf '%s|t\n' my500_contacts_{long,search,texts})" \
  'it leaves the indexes out, and says nothing'
check 'by one who may' in_search file indexes
is "$(cat "$T/indexes.out")$(in_search missing)" '' \
  'it builds all, and has nothing to say'
is "$(extensions)" 'btree_gin:public:ours pg_trgm:public:ours' \
  'it marks the extensions that it has made'
up=$(in_search state)
check 'indexes.sql again' in_search file indexes
is "$(cat "$T/indexes.out")" '' 'has nothing to say'
same "$(in_search state)" "$up" 'nothing has changed'

PGDATABASE=search sql -c "UPDATE pg_index SET indisvalid = false
  WHERE indexrelid = 'my500_contacts_search'::regclass"
is "$(in_search missing)" 'my500_contacts_search|t' \
  'an INVALID one counts as missing'
in_search file indexes
is "$(in_search missing)" '' 'and is rebuilt'

# To others it may have become of use.
in_search sql -c 'CREATE INDEX theirs ON contacts USING gin (name gin_trgm_ops)'
check 'uninstall.sql when an index of theirs needs an extension' \
  in_search file uninstall
is "$(wc -l <"$T/uninstall.out")" 1 'says so in one line'
like "$(cat "$T/uninstall.out")" 'extension pg_trgm stays: .*depend on it' \
  'that it stays'
is "$(extensions)" 'pg_trgm:public:ours' 'and the other one goes'
is "$(in_search sql -c "SELECT string_agg(indexrelid::regclass::text, ' ')
  FROM pg_index WHERE indrelid = 'contacts'::regclass AND indisvalid
    AND NOT indisprimary")" theirs 'our indexes are gone, and theirs is not'
in_search sql -c 'DROP INDEX theirs'
in_search file uninstall
is "$(cat "$T/uninstall.out")" '' 'when it is of no use any more, it goes'
# Rights of the database are dumped once they have been touched.
PGDATABASE=search sql -c 'REVOKE CREATE ON DATABASE search FROM builder'
same "$(in_search state | grep -v 'DATABASE search')" \
  "$(grep -v 'DATABASE search' <<<"$bare")" 'all is as it was before'

# Somebody else's extensions, in a schema that is in nobody's search_path.
PGDATABASE=search sql -c 'CREATE SCHEMA ext' \
  -c 'CREATE EXTENSION pg_trgm SCHEMA ext' \
  -c 'CREATE EXTENSION btree_gin SCHEMA ext'
check 'indexes.sql with extensions out of reach' in_search file indexes
like "$(cat "$T/indexes.out")" 'not built: permission denied for schema ext' \
  'says so'
is "$(in_search missing)" 'my500_contacts_search|t' 'and builds the others'
PGDATABASE=search sql -c 'GRANT USAGE ON SCHEMA ext TO builder'
check 'indexes.sql with extensions in another schema' in_search file indexes
is "$(cat "$T/indexes.out")$(in_search missing)" '' 'builds all'
check 'uninstall.sql with them' in_search file uninstall
is "$(cat "$T/uninstall.out") $(extensions)" \
  ' btree_gin:ext:theirs pg_trgm:ext:theirs' 'leaves what is not ours'

# --- the role ----------------------------------------------------------------

file role
check 'the role reads what is served of a contact' \
  as_role "SELECT $(columns contact) FROM contacts"
check 'the role reads what is served of an activity' \
  as_role "SELECT $(columns activity) FROM activities"
check 'the role reads what is served of a user' as_role 'SELECT id, name, email,
  role, "syncStatus", "lastSyncTimestamp" FROM users'

refused() {
  like "$(as_role "$1" || true)" 'permission denied for table' "refused: $1"
}
for column in password '"pipedriveApiKey"' '"pipedriveUserId"' image \
  preferences '"emailVerified"' '"createdAt"'; do
  refused "SELECT $column FROM users"
done
refused 'SELECT * FROM users'
refused 'SELECT u FROM users u'
refused 'SELECT FROM users WHERE password IS NULL'
refused 'SELECT count(*) FROM organizations'
for table in users contacts activities organizations; do
  refused "INSERT INTO $table (id) VALUES ('x')"
  refused "UPDATE $table SET id = 'x'"
  refused "DELETE FROM $table"
  refused "TRUNCATE $table CASCADE"
done
like "$(PGUSER=my500 sql -c 'CREATE TEMP TABLE t ()' 2>&1 || true)" \
  'read-only transaction' 'and by itself it does not even try to write'

is "$(PGUSER=my500 sql -c 'SHOW statement_timeout' -c 'SHOW jit' \
  -c 'SHOW default_transaction_read_only' -c 'SHOW plan_cache_mode' \
  -c 'SHOW default_transaction_isolation' | paste -sd' ')" \
  '5s off on force_generic_plan repeatable read' "its sessions' settings"

sql -c 'GRANT ALL ON users, contacts, activities, organizations TO my500' \
  -c 'GRANT SELECT (password), UPDATE (password) ON users TO my500'
check 'role.sql over a broader grant' file role
refused 'SELECT password FROM users'
refused "UPDATE users SET password = ''"
refused 'DELETE FROM contacts'
refused 'SELECT * FROM organizations'
check 'what is served is still read' as_role 'SELECT id, name FROM users'

sql -c 'CREATE ROLE app' -c 'ALTER TABLE contacts OWNER TO app'
before=$(state)
for case in 'GRANT SELECT ON users TO PUBLIC' \
  'GRANT pg_write_all_data TO my500' 'GRANT app TO my500'; do
  sql -c "$case"
  status=0
  file role || status=$?
  is "$status" 3 "role.sql stops when the role has more by: $case"
  like "$(cat "$T/role.out")" 'can do more than it should' 'and says so'
  sql -c 'REVOKE SELECT ON users FROM PUBLIC' \
    -c 'REVOKE pg_write_all_data FROM my500' \
    -c 'REVOKE app FROM my500' 2>/dev/null
  file role
done
same "$(state)" "$before" 'all is as before'
for role in postgres app; do
  status=0
  file role -v role="$role" || status=$?
  is "$status" 3 "role.sql stops at a superuser or owner: $role"
  file uninstall -v role="$role"
  file indexes
  same "$(state)" "$before" 'which keeps what it has, uninstalled too'
done

# Names and passwords that want quoting.
odd='My "odd" rôle'
check 'role.sql with a name and a password' \
  file role -v role="$odd" -v password="it's \"secret\" \\"
is "$(sql -c "SELECT rolname, rolpassword IS NOT NULL FROM pg_authid
  WHERE rolname ~ 'odd'")" "$odd|t" 'they are taken as they are'
check 'uninstall.sql with a name' file uninstall -v role="$odd"
is "$(sql -c "SELECT count(*) FROM pg_roles WHERE rolname ~ 'odd'")" 0 \
  'it is gone'
file indexes

# A role that was there before role.sql is given back, not dropped.
sql -c 'CREATE ROLE theirs LOGIN'
check 'role.sql with a role that is there' file role -v role=theirs
check 'uninstall.sql with it' file uninstall -v role=theirs
is "$(sql -c "SELECT rolname, rolconfig FROM pg_roles
  WHERE rolname = 'theirs'")" 'theirs|' 'leaves it as it was'
file indexes

# --- the sample --------------------------------------------------------------

# Another locale and time zone must not matter.
createdb -T template0 --locale=C two
in_another_place() {
  local -x PGDATABASE=two PGTZ=Asia/Tokyo
  file tables && file indexes && file sample "${small[@]}" && rows
}
is "$(in_another_place)" "$data" 'the sample is the same in another database'

createdb sample
export PGDATABASE=sample
load() {
  file tables && file indexes && file sample "$@"
}
check 'the sample of the default size' load

# Each line: a property, and a query that is true.  "c", "a" are contacts and
# activities with their user's number.
sql -c "CREATE VIEW c AS SELECT c.*, substring(u.email FROM 'user(\d+)@')::int
  AS u FROM contacts c JOIN users u ON u.id = c.\"userId\"" \
  -c 'CREATE VIEW a AS SELECT a.*, c.u FROM activities a
    JOIN c ON c.id = a."contactId"' \
  -c 'CREATE VIEW ties AS SELECT u, count(*) AS n, "lastContacted" FROM c
    GROUP BY u, "addedToCampaign", "warmnessScore", "lastContacted",
    "createdAt"' \
  -c 'CREATE VIEW text AS SELECT concat_ws($$ $$, name, email, organisation,
    "jobTitle", phone) AS t FROM contacts
    UNION ALL SELECT concat_ws($$ $$, subject, note) FROM activities'
while IFS='|' read -r name query; do
  is "$(sql -c "SELECT $query")" t "$name"
done <<'END'
20 users|count(*) = 20 FROM users
500 contacts each, but for two|count(*) = 18 FROM (SELECT u FROM c GROUP BY u HAVING count(*) = 500) x
the second has 5000|count(*) = 5000 FROM c WHERE u = 2
the third has none|count(*) = 0 FROM c WHERE u = 3
the first is found by its address|count(*) = 1 FROM users WHERE email = 'user001@example.com' AND email = (SELECT min(email) FROM users)
ids look like cuids|bool_and(id ~ '^c[a-z0-9]{24}$') FROM (SELECT id FROM users UNION ALL SELECT id FROM organizations UNION ALL SELECT id FROM contacts UNION ALL SELECT id FROM activities) x
the statuses of users|count(DISTINCT "syncStatus") = 4 FROM users
somebody is in progress|EXISTS (SELECT FROM users WHERE "syncStatus" = 'IN_PROGRESS')
somebody was never synchronised|EXISTS (SELECT FROM users WHERE "lastSyncTimestamp" IS NULL)
somebody has no name|EXISTS (SELECT FROM users WHERE name IS NULL)
everybody has secrets to keep|count(password) = 20 AND count("pipedriveApiKey") > 10 FROM users
some have all contacts synced, some not|count(DISTINCT s) = 2 FROM (SELECT bool_and("updateSyncStatus" = 'SYNCED') AS s FROM c GROUP BY u) x
all statuses of contacts|count(DISTINCT "updateSyncStatus") = 3 FROM contacts
all types of activities|count(DISTINCT type) = 7 FROM activities
0 to 40 activities|min(n) = 0 AND max(n) = 40 AND count(DISTINCT n) > 30 FROM (SELECT count(a.id) AS n FROM contacts c LEFT JOIN activities a ON a."contactId" = c.id GROUP BY c.id) x
about eight on average|count(*) / 14000.0 BETWEEN 7 AND 9.5 FROM activities
some without a contact|EXISTS (SELECT FROM activities WHERE "contactId" IS NULL)
some by a colleague|EXISTS (SELECT FROM a JOIN contacts c ON c.id = a."contactId" WHERE a."userId" <> c."userId")
activitiesCount is true|bool_and(n = "activitiesCount") FROM (SELECT c."activitiesCount", count(a.id) AS n FROM contacts c LEFT JOIN activities a ON a."contactId" = c.id GROUP BY c.id) x
each user has ties in all but the id, beyond a page|count(*) = 19 FROM (SELECT u FROM ties WHERE n > 20 AND "lastContacted" IS NOT NULL GROUP BY u) x
each user has such ties without lastContacted|count(*) = 19 FROM (SELECT u FROM ties WHERE n > 20 AND "lastContacted" IS NULL GROUP BY u) x
ties in warmnessScore only|EXISTS (SELECT FROM c GROUP BY u, "addedToCampaign", "warmnessScore" HAVING count(DISTINCT "lastContacted") > 3)
ties up to lastContacted|EXISTS (SELECT FROM c GROUP BY u, "addedToCampaign", "warmnessScore", "lastContacted" HAVING count(DISTINCT "createdAt") > 3)
ids are in no order|abs(corr(r, i)) < 0.1 FROM (SELECT row_number() OVER (ORDER BY id) AS r, row_number() OVER (ORDER BY "pipedrivePersonId"::int) AS i FROM c WHERE u = 1) x
activities tie in createdAt|count(*) > 1000 FROM (SELECT FROM activities GROUP BY "contactId", "createdAt" HAVING count(*) > 1) x
with and without milliseconds|count(DISTINCT date_part('milliseconds', "createdAt")::int % 1000 = 0) = 2 FROM contacts
a null in each column that may have one, of a contact|count(DISTINCT e.key) = 15 FROM contacts x, jsonb_each(to_jsonb(x)) e WHERE e.value = 'null'
and of an activity|count(DISTINCT e.key) = 9 FROM activities x, jsonb_each(to_jsonb(x)) e WHERE e.value = 'null'
accents|EXISTS (SELECT FROM text WHERE t ~ '[éüøł]')
quotes|EXISTS (SELECT FROM text WHERE t LIKE '%"%')
apostrophes|EXISTS (SELECT FROM text WHERE t LIKE '%''%')
backslashes|EXISTS (SELECT FROM text WHERE t LIKE '%\\%')
percents and underscores|EXISTS (SELECT FROM text WHERE t LIKE '%\%%') AND EXISTS (SELECT FROM text WHERE t LIKE '%\_%')
slashes|EXISTS (SELECT FROM text WHERE t LIKE '%</%')
emoji|EXISTS (SELECT FROM text WHERE t LIKE '%🚀%')
Cyrillic, Greek, Chinese, Japanese, Korean|count(DISTINCT m[1]) = 5 FROM text, regexp_matches(t, '[Иαさ김龍]', 'g') m
Arabic and Hebrew|count(DISTINCT m[1]) = 2 FROM text, regexp_matches(t, '[مש]', 'g') m
control characters|EXISTS (SELECT FROM text WHERE t ~ '[\x01-\x08]') AND EXISTS (SELECT FROM text WHERE t LIKE E'%\n%\r%\t%')
empty text beside null|EXISTS (SELECT FROM activities WHERE subject = '') AND EXISTS (SELECT FROM activities WHERE subject IS NULL)
END

# Scaling, and numbers at their edges.
createdb tiny
PGDATABASE=tiny check 'a sample of one contact' \
  load -v users=1 -v contacts=1 -v activities=0 -v big=0
is "$(PGDATABASE=tiny sql -c 'SELECT count(*), (SELECT count("contactId")
  FROM activities) FROM contacts')" '1|0' 'it is one, without activity'
sql -c 'DROP VIEW text, ties, a, c'
before=$(sql -c 'SELECT count(*), sum(hashtext(x::text)) FROM contacts x')
file sample -v users=22
is "$(sql -c 'SELECT count(*), sum(hashtext(x::text)) FROM contacts x
  WHERE "userId" IN (SELECT id FROM users ORDER BY email LIMIT 20)')" "$before" \
  'a larger sample leaves the rows that are there'
is "$(sql -c 'SELECT count(*) FROM contacts')" 15000 'and adds to them'

done_testing
