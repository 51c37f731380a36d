#!/usr/bin/env bash
#
# How PostgreSQL goes about the statements of schema/queries: without a sort,
# without reading a table through, and no dearer for a user when there are many
# others.  Which indexes count as missing.

set -euo pipefail
. "${srcdir:-.}/tests/support/lib.sh"
need postgres psql createdb

queries=$abs_top_srcdir/schema/queries

# prepared STATEMENT COMMAND…: runs the commands as the worker's role, which
# plans generically, with the statement prepared as s.
prepared() {
  local statement=$1
  shift
  {
    echo "PREPARE s AS $(cat "$queries/$statement.sql");"
    printf '%s;\n' "$@"
  } | PGUSER=my500 psql -XAq -P footer=off \
    -P tuples_only="${tuples_only:-on}" -v ON_ERROR_STOP=1
}

# plan_of STATEMENT ARGUMENTS: a word for each node (Node_Type:table:index),
# heap= rows that index-only scans looked up in the table, and pages= read or
# written.
plan_of() {
  prepared "$1" \
    "EXPLAIN (ANALYZE, BUFFERS, TIMING OFF, FORMAT JSON) EXECUTE s($2)" |
    perl -MJSON::PP -0 -ne '
      my $plan = decode_json($_)->[0]{Plan};
      my ($heap, $pages) = (0, 0);
      sub walk {
        my $node = shift;
        $heap += $node->{"Heap Fetches"} // 0;
        print join(":", $node->{"Node Type"} =~ s/ /_/gr, grep { defined }
          @{$node}{"Relation Name", "Index Name"}), " ";
        walk($_) for @{$node->{Plans} // []};
      }
      walk($plan);
      $pages += $plan->{"$_ Blocks"} for "Shared Hit", "Shared Read",
        "Temp Read", "Temp Written";
      print "heap=$heap pages=$pages\n"'
}

at_most() {
  (($1 <= $2))
}

is_straight() {
  [[ $1 != *Sort* && $1 != *Seq_Scan:[ac]* ]]
}

statements=(page_contacts page_activities page_summary)
declare -A arguments pages before
order=my500_contacts_order
count=my500_contacts_count
latest=my500_activities_latest
declare -A wanted=(
  [page_contacts]="^Limit Index_Scan:contacts:$order heap"
  [page_activities]="^Nested_Loop Limit Index_Only_Scan:contacts:$order Limit \
Index_Scan:activities:$latest heap=0 "
  [page_summary]="Index_Only_Scan:contacts:$count .*heap=0 "
)

# examine WHEN: the plans for the first user; leaves in $pages what they read.
examine() {
  local name plan
  for name in "${statements[@]}"; do
    plan=$(plan_of "$name" "${arguments[$name]}")
    like "$plan" "${wanted[$name]}" "$1: $name goes by its indexes"
    check "$1: $name neither sorts nor reads a table through" \
      is_straight "$plan"
    pages[$name]=${plan##*=}
  done
}

start_postgres
load_schema -v users=20 -v contacts=500 -v activities=2
sample=$abs_top_srcdir/schema/sample.sql
user_of() {
  psql -XAtqc "SELECT id FROM users WHERE email = '$1@example.com'"
}
user=$(user_of user001)
arguments=(
  [page_contacts]="'$user', 20, 0"
  [page_activities]="'$user', 20, 0, 5"
  [page_summary]="'$user'"
)

examine 'of 20 users'
for name in "${statements[@]}"; do
  before[$name]=${pages[$name]}
done

# A page costs what it shows, not what the user has.
plan=$(plan_of page_contacts "'$(user_of user002)', 20, 0")
check 'a page of 5000 contacts costs no more than one of 500' \
  at_most "${plan##*=}" $((before[page_contacts] + 3))

psql -Xq -v users=300 -v contacts=500 -v activities=2 -f "$sample"
examine 'of 300 users'
like "$(plan_of page_summary "${arguments[page_summary]}")" \
  'Index_Scan:users:users_pkey' 'of 300 users: the user is looked up by key'

# An index may have grown by a level; a page of activities goes down one of
# them once for each contact.
declare -A growth=([page_contacts]=1 [page_activities]=21 [page_summary]=2)
for name in "${statements[@]}"; do
  check "$name reads ${pages[$name]} pages among 300 users, ${before[$name]} \
among 20" at_most "${pages[$name]}" $((before[$name] + growth[$name]))
done

# --- the rows ----------------------------------------------------------------

is "$(prepared page_summary "EXECUTE s('nobody')" \
  "EXECUTE s('$user')")" \
  "||||||0|0
$user|Ada Lovelace|user001@example.com|CONSULTANT|SYNCED|2024-01-15 09:00:00|500|475" \
  'the summary is one row, with a user and without'

# In the order of the tables that the program counts by.
columns() {
  sed -n 's/^COLUMN([A-Z]*, *\([A-Za-z]*\))$/\1/p' \
    "$abs_top_srcdir/include/my500/$1.def" | paste -sd'|'
}
is "$(tuples_only=off prepared page_contacts "EXECUTE s('nobody', 1, 0)")" \
  "$(columns contact)" 'page_contacts.sql and contact.def name the same columns'
is "$(tuples_only=off prepared page_activities "EXECUTE s('nobody', 1, 0, 1)")" \
  "$(columns activity)" \
  'page_activities.sql and activity.def name the same columns'

# --- missing indexes ---------------------------------------------------------

createdb bare
export PGDATABASE=bare
for file in tables indexes role; do
  psql -Xq -v ON_ERROR_STOP=1 -f "$abs_top_srcdir/schema/$file.sql"
done

# missing_after SQL: what the worker would find missing then.
missing_after() {
  {
    echo "BEGIN; $1; SET LOCAL ROLE my500;"
    cat "$queries/missing_indexes.sql"
    echo '; ROLLBACK'
  } | psql -XAtq -v ON_ERROR_STOP=1 | paste -sd' '
}

columns='"userId", "addedToCampaign" DESC, "warmnessScore", "lastContacted", "createdAt" DESC'
new_order="DROP INDEX $order; CREATE INDEX theirs ON contacts"
new_count="DROP INDEX $count; CREATE INDEX theirs ON contacts"
new_latest="DROP INDEX $latest; CREATE INDEX theirs ON activities"

# Each line: what is tried, what is missing then, and how it comes about.
while IFS='|' read -r name missing change; do
  is "$(missing_after "$change")" "$missing" "missing indexes: $name"
done <<END
nothing is missing||SELECT
the order is|$order|DROP INDEX $order
the count is|$count|DROP INDEX $count
the latest is|$latest|DROP INDEX $latest
all are|$latest $count $order|DROP INDEX $order, $count, $latest
without tables too|$latest $count $order|DROP TABLE activities, contacts
an invalid one|$count|UPDATE pg_index SET indisvalid = false WHERE indexrelid = '$count'::regclass
another name will do||ALTER INDEX $order RENAME TO theirs
an index of their own will do||$new_order ($columns, id)
one with more columns||$new_order ($columns, id, name)
one the other way round||$new_order ("userId", "addedToCampaign", "warmnessScore" DESC, "lastContacted" DESC, "createdAt", id DESC)
not one without the id|$order|$new_order ($columns)
not one in other directions|$order|$new_order ("userId", "addedToCampaign", "warmnessScore", "lastContacted", "createdAt", id)
not one with nulls first|$order|$new_order ("userId", "addedToCampaign" DESC, "warmnessScore", "lastContacted" NULLS FIRST, "createdAt" DESC, id)
not one in another sequence|$order|$new_order ("userId", "warmnessScore", "addedToCampaign" DESC, "lastContacted", "createdAt" DESC, id)
not one that is partial|$order|$new_order ($columns, id) WHERE "isActive"
not one of another collation|$order|$new_order ($columns, id COLLATE "POSIX")
not one of another operator class|$order|$new_order ($columns, id text_pattern_ops)
not one of another table|$count|DROP INDEX $count; CREATE INDEX $count ON activities ("userId", "updateSyncStatus")
a count that includes||$new_count ("userId") INCLUDE ("updateSyncStatus")
a count in any direction||$new_count ("userId" DESC, "updateSyncStatus")
not a count by half|$count|$new_count ("userId")
not a hash|$count|$new_count USING hash ("userId")
the latest, oldest first||$new_latest ("contactId", "createdAt", id)
not the latest with a wrong id|$latest|$new_latest ("contactId", "createdAt" DESC, id)
END

# What is said to be good must be good: the plan is the same.
psql -Xqc "$new_latest (\"contactId\" DESC, \"createdAt\", id)"
psql -Xq -v users=3 -v big=500 -f "$sample"
like "$(plan_of page_activities "'$user', 20, 0, 5")" \
  'Index_Scan:activities:theirs heap=0' \
  'an index the other way round is read backwards'

done_testing
