#!/bin/bash
#
# notify.sql: who is told of which change, and that nobody else is; that writers
# need nothing and lose nothing; what missing_triggers.sql says of it.
# shellcheck disable=SC2016 # the dollars quote for SQL
set -euo pipefail
. "${srcdir:-.}/tests/support/lib.sh"
need postgres psql createdb

# Debian's psql takes three times as long to start; and we read its messages.
PATH=$(postgres_bin):$PATH
export LC_ALL=C.UTF-8
schema=$abs_top_srcdir/schema

# --- cases -------------------------------------------------------------------

# tell NAME WORDS SQL: a case of the next run: while that is done, exactly
# these users are told, in any sequence.  What statements print counts too.
tell() {
  names+=("$1")
  wants+=("$2")
  printf '\\echo == %d\n%s\n' $((${#names[@]} - 1)) "$3" >>"$T/cases.sql"
}
names=()
wants=()

# run_cases DATABASE: the cases so far, in one session that listens.
run_cases() {
  local i status=0 got
  PGDATABASE=$1 psql -XAtq -v ON_ERROR_STOP=1 -c 'LISTEN my500' \
    -f "$T/cases.sql" >"$T/cases.out" 2>&1 || status=$?
  awk '
    sub(/^== /, "") { n = $0; next }
    {
      sub(/^Asynchronous notification "my500" with payload "/, "")
      sub(/" received from server process with PID [0-9]*\.$/, "")
      sub(/^psql:[^ ]* /, "")
      for (i = 1; i <= NF; i++)
        print n, $i
    }' "$T/cases.out" | sort -k1,1n -k2 >"$T/cases.got"
  for ((i = 0; i < ${#names[@]}; i++)); do
    got=$(sed -n "s/^$i //p" "$T/cases.got")
    is "${got//$'\n'/ }" "$(words "${wants[i]}")" "$1: ${names[i]}"
  done
  ((status == 0)) || ok 1 "$1: the session has come to its end"
  names=()
  wants=()
  rm "$T/cases.sql"
}

words() {
  [[ -z $1 ]] || tr ' ' '\n' <<<"$1" | sed '/^$/d' | sort | paste -sd' '
}

# ids PREFIX FIRST LAST
ids() {
  seq -f "$1%.0f" "$2" "$3" | paste -sd' '
}

# array WORDS: of those, as PostgreSQL writes it
array() {
  printf '{%s}' "${1// /,}"
}

# triggers TABLE…: all of theirs
triggers() {
  local table
  for table; do
    printf "my500_${table}_%s " insert update delete truncate
  done
}

missing="SET SESSION AUTHORIZATION my500;
\\i '$schema/queries/missing_triggers.sql'
RESET SESSION AUTHORIZATION;"
install="\\i '$schema/notify.sql'"
owners="PREPARE owners AS $(<"$schema/queries/owners.sql");"

# Users u1 to u120, of each a contact c1 …, of that an activity a1 ….
rows='INSERT INTO users (id, email, "updatedAt")
  SELECT $$u$$ || n, n, now() FROM generate_series(1, 120) n;
INSERT INTO contacts (id, name, "updatedAt", "userId")
  SELECT $$c$$ || n, n, now(), $$u$$ || n FROM generate_series(1, 120) n;
INSERT INTO activities (id, type, "updatedAt", "userId", "contactId")
  SELECT $$a$$ || n, $$CALL$$, now(), $$u$$ || n, $$c$$ || n
  FROM generate_series(1, 120) n;'

# numbered COLUMN LAST: a condition, for the first so many of those.
numbered() {
  echo "substr($1, 2)::int <= $2"
}

start_postgres
createdb plain
export PGDATABASE=plain
psql -Xq -f "$schema/tables.sql" -f "$schema/role.sql" -c "$rows"
for name in busy patient; do
  createdb -T plain "$name"
done

# --- a database that is written to (meanwhile) -------------------------------

# hold DATABASE SECONDS: a transaction that has changed contacts stays open.
hold() {
  PGDATABASE=$1 psql -Xq -c 'BEGIN' \
    -c "UPDATE contacts SET name = name WHERE id = 'c1'" \
    -c "SELECT pg_sleep($2)" -c 'COMMIT' >"$T/hold.$1" 2>&1 &
}
is_held() {
  [[ $(psql -XAtc "SELECT count(*) FROM pg_stat_activity
    WHERE wait_event = 'PgSleep'") == "$1" ]]
}
hold busy 30
hold patient 2
check 'a transaction has changed contacts and stays open' wait_until is_held 2
installers=()
for name in busy patient; do
  (
    status=0
    PGDATABASE=$name psql -Xq -f "$schema/notify.sql" || status=$?
    echo "$status"
  ) >"$T/install.$name" 2>&1 &
  installers+=($!)
done

check 'others write meanwhile' psql -Xq -d busy -c "SET lock_timeout = '2s'" \
  -c "UPDATE contacts SET name = 'y' WHERE id = 'c2'" \
  -c "UPDATE activities SET note = 'y' WHERE id = 'a2'"

# --- tables as Prisma makes them ---------------------------------------------

all=$(triggers users contacts activities)
tell 'without notify.sql all triggers are missing' "$all" "$missing"
tell 'and nobody is told' '' "UPDATE contacts SET name = 'y';"
tell 'notify.sql says nothing' '' "$install"
tell 'and no trigger is missing then' '' "$missing"

user='(id, email, "updatedAt")'
tell 'a user comes' u200 \
  "INSERT INTO users $user VALUES ('u200', 'u200', now());"
tell 'changes' u200 "UPDATE users SET \"syncStatus\" = 'X' WHERE id = 'u200';"
tell 'and goes' u200 "DELETE FROM users WHERE id = 'u200';"

contact='(id, name, "updatedAt", "userId")'
tell 'a contact comes' u2 \
  "INSERT INTO contacts $contact VALUES ('c2b', 'x', now(), 'u2');"
tell 'changes' u2 "UPDATE contacts SET email = 'x' WHERE id = 'c2b';"
tell 'is given to another user' 'u2 u3' \
  "UPDATE contacts SET \"userId\" = 'u3' WHERE id = 'c2b';"
tell 'gets another id' u3 "UPDATE contacts SET id = 'c3b' WHERE id = 'c2b';"
tell 'and goes' u3 "DELETE FROM contacts WHERE id = 'c3b';"

# By a colleague, whom it does not concern.
activity='(id, type, "updatedAt", "userId", "contactId")'
tell 'an activity comes: its contact is told' '{c2}' \
  "INSERT INTO activities $activity VALUES ('x', 'CALL', now(), 'u9', 'c2');"
tell 'changes' '{c2}' "UPDATE activities SET note = 'x' WHERE id = 'x';"
tell 'moves to another contact' '{c2,c3}' \
  "UPDATE activities SET \"contactId\" = 'c3' WHERE id = 'x';"
tell 'loses its contact' '{c3}' \
  "UPDATE activities SET \"contactId\" = NULL WHERE id = 'x';"
tell 'changes without one' '' \
  "UPDATE activities SET note = 'y' WHERE id = 'x';"
tell 'finds one' '{c4}' \
  "UPDATE activities SET \"contactId\" = 'c4' WHERE id = 'x';"
tell 'and goes' '{c4}' "DELETE FROM activities WHERE id = 'x';"
tell 'one that never had a contact' '' \
  "INSERT INTO activities $activity VALUES ('x', 'CALL', now(), 'u9', NULL);
  DELETE FROM activities WHERE id = 'x';"

tell 'statements that touch no row' '' "UPDATE users SET name = '' WHERE false;
  UPDATE contacts SET name = '' WHERE false;
  UPDATE activities SET note = '' WHERE false;
  DELETE FROM users WHERE false; DELETE FROM contacts WHERE false;
  DELETE FROM activities WHERE false;
  INSERT INTO contacts SELECT * FROM contacts WHERE false;"
tell 'what has nothing to do with it' '' 'CREATE TABLE other (id text);
  INSERT INTO other SELECT id FROM users; DROP TABLE other;'

tell 'COPY into each table' 'v1 v2 v1 {d1,d2,c1}' "COPY users $user FROM STDIN;
v1	v1	2024-01-01
v2	v2	2024-01-01
\\.
COPY contacts $contact FROM STDIN;
d1	x	2024-01-01	v1
d2	x	2024-01-01	v1
\\.
COPY activities $activity FROM STDIN;
b1	CALL	2024-01-01	u9	d1
b2	CALL	2024-01-01	u9	d2
b3	CALL	2024-01-01	u9	c1
b4	CALL	2024-01-01	u9	\\N
\\.
DELETE FROM activities WHERE id = 'b4';"
tell 'a deletion that cascades, beyond the own contacts' \
  '{c1} {c1,d1,d2} v1' \
  "UPDATE activities SET \"userId\" = 'v1' WHERE id = 'b3';
DELETE FROM users WHERE id = 'v1';"
tell 'a deletion of a contact' 'v2 {d3} v2' \
  "INSERT INTO contacts $contact VALUES ('d3', 'x', now(), 'v2');
BEGIN;
INSERT INTO activities $activity VALUES ('b5', 'CALL', now(), 'u9', 'd3');
DELETE FROM contacts WHERE id = 'd3';
COMMIT;"
tell 'another id for a user who has contacts' 'u119 w119 {c119}' \
  "UPDATE users SET id = 'w119' WHERE id = 'u119';"
tell 'and for a contact that has activities' 'w119 {c119,e119}' \
  "UPDATE contacts SET id = 'e119' WHERE id = 'c119';"

tell 'what an ORM does: many upserts in one transaction' "$(ids u 1 60) u300" \
  "BEGIN;
SELECT format('INSERT INTO contacts $contact VALUES (%L, %L, now(), %L)
  ON CONFLICT (id) DO UPDATE SET name = excluded.name', 'c' || n, n, 'u' || n)
FROM generate_series(1, 60) n, generate_series(1, 5) \\gexec
INSERT INTO users $user VALUES ('u300', 'u300', now())
  ON CONFLICT DO NOTHING;
INSERT INTO users $user VALUES ('u99', 'u99', now()) ON CONFLICT DO NOTHING;
COMMIT;"
tell 'one upsert of new and old rows' 'u1 u2 u300' \
  "INSERT INTO contacts $contact VALUES ('c1', 'x', now(), 'u1'),
  ('f1', 'x', now(), 'u300'), ('c3', 'x', now(), 'u2')
  ON CONFLICT (id) DO UPDATE SET name = excluded.name WHERE
    contacts.id <> 'c3';
  UPDATE contacts SET email = 'x' WHERE id = 'c2';"
tell 'a contact and its activity in one statement' 'u300 {f2}' \
  "WITH c AS (INSERT INTO contacts $contact VALUES ('f2', 'x', now(), 'u300')
  RETURNING id, \"userId\")
INSERT INTO activities $activity
  SELECT 'b6', 'CALL', now(), \"userId\", id FROM c;"

tell 'a transaction that is rolled back' '' 'BEGIN;
UPDATE contacts SET name = name; DELETE FROM users; ROLLBACK;'
tell 'savepoints: what stays, and only that' 'u1 u3 {c5}' "BEGIN;
UPDATE contacts SET name = 'z' WHERE id = 'c1';
SAVEPOINT one;
UPDATE contacts SET name = 'z' WHERE id = 'c2';
ROLLBACK TO one;
UPDATE contacts SET name = 'z' WHERE id = 'c3';
RELEASE one;
SAVEPOINT two;
UPDATE activities SET note = 'z' WHERE id = 'a4';
ROLLBACK TO two;
UPDATE activities SET note = 'z' WHERE id = 'a5';
COMMIT;"
tell 'a statement that fails' '' "DO \$\$ BEGIN
  INSERT INTO contacts $contact VALUES ('x', 'x', now(), 'u1'),
    ('y', 'x', now(), 'nobody');
EXCEPTION WHEN foreign_key_violation THEN END \$\$;"
tell 'loading with session_replication_role = replica' u7 \
  "SET session_replication_role = replica;
UPDATE contacts SET name = 'z' WHERE id = 'c7';
RESET session_replication_role;"

# --- many

for n in 100 101; do
  want='*'
  ((n > 100)) || want=$(ids u 1 100)
  tell "$n users" "$want" \
    "UPDATE users SET name = 'x' WHERE $(numbered id "$n") AND id LIKE 'u%';"
  tell "contacts of $n users" "$want" \
    "UPDATE contacts SET name = 'x' WHERE $(numbered id "$n") AND id LIKE 'c%';"
done
tell 'contacts of 101 users, in two statements' "$(ids u 1 101)" "BEGIN;
UPDATE contacts SET name = 'x' WHERE $(numbered id 100) AND id LIKE 'c%';
UPDATE contacts SET name = 'x' WHERE id = 'c101';
COMMIT;"
tell '60 contacts that change hands' '*' "BEGIN;
UPDATE contacts SET \"userId\" = 'u' || substr(id, 2)::int + 58
  WHERE $(numbered id 60) AND id LIKE 'c%';
COMMIT;"
tell 'and come back, by halves' "$(ids u 1 60) $(ids u 59 118)" \
  "UPDATE contacts SET \"userId\" = 'u' || substr(id, 2)
  WHERE $(numbered id 30) AND id LIKE 'c%';
UPDATE contacts SET \"userId\" = 'u' || substr(id, 2)
  WHERE $(numbered id 60) AND NOT $(numbered id 30) AND id LIKE 'c%';"

# Contacts come by hundreds; the same hundred is told once.
tell 'activities of 118 contacts' \
  "$(array "$(ids c 1 100)") $(array "$(ids c 101 118)")" \
  "INSERT INTO activities $activity SELECT 'm' || n, 'CALL', now(), 'u1',
  'c' || n FROM generate_series(1, 118) n;"
tell 'that change and stay where they are' "$(array "$(ids c 101 110)")" \
  "UPDATE activities SET note = 'x' WHERE id LIKE 'm%'
    AND substr(id, 2)::int BETWEEN 101 AND 110;"
c1=$(printf ' c1%.0s' {1..100})
c1=${c1# }
tell 'that move: from where, and where to' \
  "$(array "$(ids c 101 110) ${c1:0:29}")" \
  "UPDATE activities SET \"contactId\" = 'c1' WHERE id LIKE 'm%'
    AND substr(id, 2)::int BETWEEN 101 AND 110;"
tell 'that go' "$(array "${c1:0:32}") $(array "$(ids c 2 100) c111")\
 $(array "$(ids c 112 118)")" \
  "DELETE FROM activities WHERE id LIKE 'm%' AND \"contactId\" = 'c1';
DELETE FROM activities WHERE id LIKE 'm%';"
c1=$(array "$c1")
# A limit on each statement, not on the transaction.
for n in 10000 10001; do
  many="SELECT 'm' || n, 'CALL', now(), 'u1', 'c1'
    FROM generate_series(1, $n) n"
  want='*'
  ((n > 10000)) || want=$c1
  tell "$n activities come" "$want" "INSERT INTO activities $activity $many;"
  tell "$n activities change" "$want" \
    "UPDATE activities SET note = 'x' WHERE id LIKE 'm%';"
  tell "$n activities move" '*' \
    "UPDATE activities SET \"contactId\" = 'c2' WHERE id LIKE 'm%';"
  tell "$n activities go" "${want//c1/c2}" \
    "DELETE FROM activities WHERE id LIKE 'm%';"
done
tell '10,001 activities, in two statements' "$c1 {c1}" "BEGIN;
INSERT INTO activities $activity ${many//10001/10000};
INSERT INTO activities $activity VALUES ('m', 'CALL', now(), 'u1', 'c1');
COMMIT;"
tell '10,001 activities that go with their contact' '* u1' \
  "DELETE FROM contacts WHERE id = 'c1';"
tell '10,001 contacts of one user' u1 "INSERT INTO contacts $contact
  SELECT 'm' || n, 'x', now(), 'u1' FROM generate_series(1, 10001) n;"

# --- foreign keys of other kinds

tell 'ON DELETE SET NULL for activities' 'u21 {c21}' \
  'ALTER TABLE activities DROP CONSTRAINT "activities_contactId_fkey",
    ADD FOREIGN KEY ("contactId") REFERENCES contacts
      ON DELETE SET NULL ON UPDATE CASCADE;
DELETE FROM contacts WHERE id = $$c21$$;
UPDATE activities SET note = note WHERE id = $$a21$$;'
tell 'no foreign keys at all' 'u22 {c22} u22 {c22,c23}' \
  'ALTER TABLE contacts DROP CONSTRAINT "contacts_userId_fkey";
ALTER TABLE activities DROP CONSTRAINT "activities_contactId_fkey",
  DROP CONSTRAINT "activities_userId_fkey";
DELETE FROM contacts WHERE id = $$c22$$;
UPDATE activities SET note = note WHERE id = $$a22$$;
DELETE FROM users WHERE id = $$u22$$;
UPDATE activities SET "contactId" = $$c23$$ WHERE id = $$a22$$;'
tell 'a contact of nobody' 'u24 {c24}' \
  'ALTER TABLE contacts ALTER "userId" DROP NOT NULL;
UPDATE contacts SET "userId" = NULL WHERE id = $$c24$$;
UPDATE contacts SET name = $$y$$ WHERE id = $$c24$$;
UPDATE activities SET note = $$y$$ WHERE id = $$a24$$;'
long=$(printf '%0.sé' {1..4100})
tell 'an id that is too long for a payload' "${long:0:64}" \
  "INSERT INTO users $user VALUES ('$long', 'x', now());"
tell 'ids of contacts that are not, and are, together' "{${long:0:3998}x} *" \
  "INSERT INTO activities $activity
  VALUES ('l1', 'CALL', now(), 'u1', '${long:0:3998}x');
  INSERT INTO activities $activity
  VALUES ('l2', 'CALL', now(), 'u1', '${long:0:3998}'),
  ('l3', 'CALL', now(), 'u1', 'x');"

tell 'whose contacts are, by the array that tells of them' \
  '{"a,\"b\\"} {"NULL"} {""} u40 u41 u42 u40 u41 u42' "INSERT INTO contacts $contact
  VALUES ('a,\"b\\', 'x', now(), 'u40'), ('NULL', 'x', now(), 'u41'),
    ('', 'x', now(), 'u42') RETURNING '' \\g /dev/null
INSERT INTO activities $activity VALUES ('o1', 'CALL', now(), 'u1', 'a,\"b\\');
INSERT INTO activities $activity VALUES ('o2', 'CALL', now(), 'u1', 'NULL');
INSERT INTO activities $activity VALUES ('o3', 'CALL', now(), 'u1', '');
$owners
SET SESSION AUTHORIZATION my500;
EXECUTE owners('{\"a,\\\"b\\\\\",\"NULL\",\"\",nobody}');
RESET SESSION AUTHORIZATION;"

# --- writers

# May change rows and nothing else.  All that a path can catch is in its way, and
# fails.
tell 'a writer with hardly a right, and a hostile search_path' \
  '{c31} {c31,c32} u33 u33' \
  "CREATE ROLE writer;
CREATE SCHEMA evil AUTHORIZATION writer;
GRANT SELECT, INSERT, UPDATE, DELETE ON activities TO writer;
GRANT SELECT, UPDATE ON contacts, users TO writer;
SET SESSION AUTHORIZATION writer;
CREATE FUNCTION evil.caught(boolean) RETURNS boolean LANGUAGE plpgsql AS
  \$\$ BEGIN RAISE EXCEPTION 'caught'; END \$\$;
CREATE FUNCTION evil.caught(text, text) RETURNS boolean LANGUAGE sql AS
  'SELECT evil.caught(true)';
CREATE FUNCTION evil.caught(bigint, integer) RETURNS boolean LANGUAGE sql AS
  'SELECT evil.caught(true)';
CREATE FUNCTION evil.caught(integer, integer) RETURNS integer LANGUAGE sql AS
  'SELECT evil.caught(true)::integer';
CREATE FUNCTION evil.caught(text[], text[]) RETURNS boolean LANGUAGE sql AS
  'SELECT evil.caught(true)';
CREATE FUNCTION evil.cardinality(text[]) RETURNS integer LANGUAGE sql AS
  'SELECT evil.caught(true)::integer';
CREATE FUNCTION evil.octet_length(text) RETURNS integer LANGUAGE sql AS
  'SELECT evil.caught(true)::integer';
CREATE FUNCTION evil.pg_notify(text, text) RETURNS void LANGUAGE sql AS
  'SELECT evil.caught(true)';
CREATE FUNCTION evil.left(text, integer) RETURNS text LANGUAGE sql AS
  'SELECT evil.caught(true)::text';
CREATE AGGREGATE evil.count(*) (sfunc = evil.caught, stype = boolean);
CREATE OPERATOR evil.= (leftarg = text, rightarg = text,
  function = evil.caught);
CREATE OPERATOR evil.> (leftarg = bigint, rightarg = integer,
  function = evil.caught);
CREATE OPERATOR evil.> (leftarg = integer, rightarg = integer,
  function = evil.caught);
CREATE OPERATOR evil.+ (leftarg = integer, rightarg = integer,
  function = evil.caught);
CREATE OPERATOR evil.<> (leftarg = text[], rightarg = text[],
  function = evil.caught);
CREATE OPERATOR evil.|| (leftarg = text[], rightarg = text[],
  function = evil.caught);
CREATE TYPE evil.text AS ENUM ();
CREATE TABLE evil.changed (id pg_catalog.text, \"contactId\" pg_catalog.text);
CREATE TEMP TABLE before (\"contactId\" text);
SET search_path = evil, pg_temp, pg_catalog, public;
INSERT INTO public.activities $activity
  VALUES ('w', 'CALL', pg_catalog.now(), 'u1', 'c31');
UPDATE public.activities SET \"contactId\" = 'c32'
  WHERE id OPERATOR(pg_catalog.=) 'w';
UPDATE public.contacts SET name = 'x' WHERE id OPERATOR(pg_catalog.=) 'c33';
UPDATE public.users SET name = 'x' WHERE id OPERATOR(pg_catalog.=) 'u33';
RESET search_path;
RESET SESSION AUTHORIZATION;
DROP TABLE pg_temp.before;"
tell 'row level security hides nothing from the triggers' '{c34} u34' \
  "ALTER TABLE contacts ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
GRANT UPDATE ON contacts TO writer;
CREATE POLICY all_rows ON contacts TO writer USING (true);
SET ROLE writer;
UPDATE activities SET note = 'x' WHERE id = 'a34';
RESET ROLE;
UPDATE contacts SET name = 'x' WHERE id = 'c34';
DROP POLICY all_rows ON contacts;
ALTER TABLE contacts DISABLE ROW LEVEL SECURITY, NO FORCE ROW LEVEL SECURITY;
DROP OWNED BY writer; DROP ROLE writer;"
tell 'the owner may run notify.sql after a superuser did' '{c35}' \
  "CREATE ROLE keeper; GRANT CREATE ON SCHEMA public TO keeper;
ALTER TABLE users OWNER TO keeper; ALTER TABLE contacts OWNER TO keeper;
ALTER TABLE activities OWNER TO keeper;
$install
SET ROLE keeper;
$install
UPDATE activities SET note = 'x' WHERE id = 'a35';
RESET ROLE;"
tell 'a migration that we do not know of stops no writer' '{c35} * * {c35} u35' \
  "ALTER TABLE contacts RENAME \"userId\" TO \"ownerId\";
UPDATE activities SET note = 'x' WHERE id = 'a35';
UPDATE contacts SET name = 'x' WHERE id = 'c35';
ALTER TABLE contacts RENAME \"ownerId\" TO \"userId\";
ALTER TABLE activities RENAME \"contactId\" TO \"personId\";
UPDATE activities SET note = 'y' WHERE id = 'a35';
ALTER TABLE activities RENAME \"personId\" TO \"contactId\";
UPDATE activities SET note = 'x' WHERE id = 'a35';
UPDATE contacts SET name = 'x' WHERE id = 'c35';"

# --- what is missing, and mended

alter='ALTER TABLE contacts'
tell 'one that is dropped is missing' my500_users_update \
  "DROP TRIGGER my500_users_update ON users;
$missing"
tell 'one that is disabled too, or is for replicas only' \
  'my500_contacts_delete my500_contacts_insert my500_users_update' \
  "$alter DISABLE TRIGGER my500_contacts_insert;
$alter ENABLE REPLICA TRIGGER my500_contacts_delete;
$missing"
tell 'not one that is enabled as usual' 'my500_users_update' \
  "$alter ENABLE TRIGGER my500_contacts_insert;
$alter ENABLE TRIGGER my500_contacts_delete;
$missing"
tell 'nor one of a constraint' 'my500_users_update' \
  "$alter DISABLE TRIGGER USER;
$alter ENABLE TRIGGER USER;
$missing"
tell 'notify.sql brings them back' 'u36' "$alter DISABLE TRIGGER ALL;
$install
$missing
UPDATE contacts SET name = 'x' WHERE id = 'c36';"
tell 'one with another function is made anew' 'u36' \
  "DROP TRIGGER my500_contacts_update ON contacts;
CREATE TRIGGER my500_contacts_update BEFORE UPDATE ON contacts
  FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger();
$install
UPDATE contacts SET name = name WHERE id = 'c36';"
tell 'run again, it changes nothing' 'same' \
  "SELECT md5(string_agg(g::text, '' ORDER BY oid)) AS state
FROM pg_trigger g \\gset
$install
SELECT CASE md5(string_agg(g::text, '' ORDER BY oid)) WHEN :'state'
  THEN 'same' ELSE 'other' END FROM pg_trigger g;"
tell 'a table that others inherit from is not watched' \
  "$(triggers contacts)" \
  "CREATE TABLE more () INHERITS (contacts);
$missing
DROP TABLE more;"
tell 'nor one that inherits' "$(triggers users)" \
  "CREATE TABLE all_users (id text NOT NULL);
ALTER TABLE users INHERIT all_users;
$missing
ALTER TABLE users NO INHERIT all_users;"
tell 'nor one that a subscription writes' "$(triggers activities)" \
  "SET client_min_messages = error;
CREATE SUBSCRIPTION theirs CONNECTION 'dbname=none' PUBLICATION none
  WITH (connect = false);
INSERT INTO pg_subscription_rel
  SELECT oid, 'activities'::regclass, 'r' FROM pg_subscription;
$missing
DELETE FROM pg_subscription_rel;
ALTER SUBSCRIPTION theirs SET (slot_name = NONE);
DROP SUBSCRIPTION theirs;
SET client_min_messages = warning;"

tell 'TRUNCATE of each table' '* * *' 'TRUNCATE activities;
TRUNCATE contacts;
TRUNCATE users;'
tell 'of all, by CASCADE' '*' 'ALTER TABLE contacts
  ADD FOREIGN KEY ("userId") REFERENCES users;
TRUNCATE users CASCADE;'
tell 'of a table that is empty' '*' 'TRUNCATE activities;'
tell 'rolled back' '' 'BEGIN; TRUNCATE activities; ROLLBACK;'

uninstall="\\set role nobody
\\i '$schema/uninstall.sql'"
left="SELECT 'left:', (SELECT count(*) FROM pg_trigger WHERE tgname ~ '^my500'),
  (SELECT count(*) FROM pg_proc WHERE proname ~ '^my500');"
tell 'uninstall.sql removes triggers and functions' "left:|0|0" "$uninstall
$left"
tell 'and may be run again' "left:|0|0" "$uninstall
$left"
tell 'nobody is told any more' '' "INSERT INTO users $user VALUES (1, 1, now());
TRUNCATE users CASCADE;"
tell 'it finds the triggers on a table that was renamed' 'left:|0|0' "$install
ALTER TABLE contacts RENAME TO contacts_old;
$uninstall
$left"
run_cases plain

# --- another schema ----------------------------------------------------------

createdb other
other='"it''s 100%"'
PGDATABASE=other PGOPTIONS="-c search_path=${other// /\\ }" psql -Xq \
  -c "CREATE SCHEMA $other" -f "$schema/tables.sql" -f "$schema/role.sql" \
  -c "$rows"
tell 'all are there' '' "SET search_path = $other;
$install
$missing"
tell 'and tell of contacts and activities' 'u1 u2 {c4,c3}' "BEGIN;
UPDATE contacts SET \"userId\" = 'u2' WHERE id = 'c1';
UPDATE activities SET \"contactId\" = 'c3' WHERE id = 'a4';
COMMIT;"
tell 'whatever the search_path' '{c3} {c5} u5' "SET search_path = pg_catalog;
UPDATE $other.activities SET note = 'x' WHERE id = 'a4';
DELETE FROM $other.users WHERE id = 'u5';"
tell 'in public nothing is there' "$all left:|0" "SET search_path = public;
$missing
SELECT 'left:', count(*) FROM pg_proc
  WHERE pronamespace = 'public'::regnamespace;"
tell 'and it is removed from there' 'left:|0|0' "SET search_path = $other;
$uninstall
$left"
run_cases other

# --- ids of other types ------------------------------------------------------

createdb types
psql -Xq -d types -f "$schema/tables.sql" -c "${rows//\$\$[uca]\$\$ || n/n}" \
  -c 'ALTER TABLE contacts DROP CONSTRAINT "contacts_userId_fkey"' \
  -c 'ALTER TABLE activities DROP CONSTRAINT "activities_contactId_fkey"' \
  -c 'ALTER TABLE activities DROP CONSTRAINT "activities_userId_fkey"' \
  -f "$schema/notify.sql"

# retype TYPE EXPRESSION: all ids but those of activities; %s is the column.
retype() {
  local column name
  for column in users.id contacts.id contacts.\"userId\" \
    activities.\"userId\" activities.\"contactId\"; do
    name=${column#*.}
    echo "ALTER TABLE ${column%.*} ALTER $name TYPE $1 USING ${2//%s/$name};"
  done
}
n=1
while IFS='|' read -r type expression form; do
  for ((i = 0; i < 7; i++)); do
    # shellcheck disable=SC2059 # it is one
    printf -v "id$i" "$form" $((n + i))
  done
  # shellcheck disable=SC2154
  tell "$type" "$id0 $id1 $id2 {$id3,$id4} {$id6} $id3 $id4" \
    "$(retype "$type" "$expression")
BEGIN;
UPDATE users SET name = 'x' WHERE id = '$id0';
UPDATE contacts SET \"userId\" = '$id2' WHERE id = '$id1';
UPDATE activities SET \"contactId\" = '$id4' WHERE id = '$((n + 3))';
INSERT INTO activities $activity
  VALUES ('$type', 'CALL', now(), '$id5', '$id6');
COMMIT;
$owners
EXECUTE owners('{$id3,$id4}');
DEALLOCATE owners;"
  n=$((n + 10))
done <<'END'
text|%s|%d
varchar(40)|%s|%d
integer|%s::integer|%d
bigint|%s|%d
uuid|lpad(%s::text, 32, '0')::uuid|00000000-0000-0000-0000-%012d
END
run_cases types

# --- tables of other kinds ---------------------------------------------------

createdb kinds
# warned PROBLEM: what notify.sql says.
warned() {
  echo 'WARNING: No trigger is added, for they would not see every change:' \
    "$1. my500 works, but must not keep pages."
}
shares='shares rows with another table (a partition, or inheritance)'
# shellcheck disable=SC2162 # a backslash goes on with the next line
while IFS='|' read problem sql; do
  problem=${problem/SHARES/$shares}
  tell "contacts $problem: no trigger is added" \
    "$(warned "contacts $problem") left:|0|0" \
    "SET client_min_messages = warning;
CREATE SCHEMA s;
SET search_path = s;
CREATE TABLE users (id text);
CREATE TABLE activities (id text, \"contactId\" text);
${sql//COLUMNS/(id text, \"userId\" text)}
$install
$left
DROP SCHEMA s CASCADE;"
done <<'END'
is a view|CREATE TABLE people COLUMNS; CREATE VIEW contacts AS TABLE people;
is partitioned|CREATE TABLE contacts COLUMNS PARTITION BY HASH (id);
SHARES|CREATE TABLE people COLUMNS PARTITION BY LIST (id);\
CREATE TABLE contacts PARTITION OF people DEFAULT;
SHARES|CREATE TABLE contacts COLUMNS; CREATE TABLE more () INHERITS (contacts);
is not a table of this database|CREATE FOREIGN DATA WRAPPER far;\
CREATE SERVER far FOREIGN DATA WRAPPER far;\
CREATE FOREIGN TABLE contacts COLUMNS SERVER far;
END
tell 'each that is not as it should be is named' \
  "$(warned 'activities is a view, users is partitioned')" \
  "SET search_path = public;
CREATE TABLE users (id text) PARTITION BY HASH (id);
CREATE TABLE contacts (id text);
CREATE VIEW activities AS TABLE contacts;
$install"
run_cases kinds
status=0
psql -Xq -d postgres -f "$schema/notify.sql" >"$T/none.out" 2>&1 || status=$?
is "$status" 3 'without the tables, notify.sql fails'
like "$(cat "$T/none.out")" 'relation "contacts" does not exist' 'and says why'

# --- the databases that were written to --------------------------------------

wait "${installers[@]}" || true
like "$(cat "$T/install.busy")" \
  'contacts is being written to without a pause.*HINT: .*again.*3$' \
  'notify.sql gives up when there is no moment for it'
tell 'nothing of it is half done but the table before' \
  "$(triggers contacts activities) u2" "$missing
UPDATE users SET name = 'x' WHERE id = 'u2';
UPDATE contacts SET name = 'x' WHERE id = 'c2';
UPDATE activities SET note = 'x' WHERE id = 'a2';"
tell 'and it can be run again' 'u2' "SELECT pg_terminate_backend(pid)
  FROM pg_stat_activity WHERE wait_event = 'PgSleep' \\g /dev/null
$install
$missing
UPDATE contacts SET name = 'x' WHERE id = 'c2';"
run_cases busy
is "$(cat "$T/install.patient")" 0 'it waits for a moment that comes'
tell 'and all is done' '' "$missing"
run_cases patient

done_testing
