# shellcheck shell=bash
#
# What the measuring scripts have in common: a build with gcc -O2, private
# servers with the sample data, wrk.  A script begins with
#
#   set -euo pipefail
#   . "$(dirname "$0")/lib.sh" PROGRAM…
#
# naming the programs that it needs; tests/support/lib.sh is there too, then.
# In the environment:
#
#   MY500_BENCH_DATA   a directory to keep the database in: what takes minutes
#                      to load is there at once the next time (5 GB)
#   abs_top_builddir   a build to measure, in place of one made for this run

bench_room=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
bench_top=$(cd "$bench_room/../.." && pwd)

for program; do
  command -v "$program" >/dev/null || {
    echo "$program is missing: apt-get install" \
      "${program/pgbench/postgresql}" >&2
    exit 69
  }
done

bench_made=
if [[ -z ${abs_top_builddir:-} ]]; then
  bench_made=$(mktemp -d "${TMPDIR:-/tmp}/my500-build.XXXXXX")
  trap 'rm -rf "$bench_made"' EXIT
  [[ -e $bench_top/configure ]] || autoreconf -i "$bench_top"
  (cd "$bench_made" && "$bench_top/configure" && make -s -j2 my500.fcgi) \
    >"$bench_made/log" 2>&1 || {
    tail "$bench_made/log" >&2
    exit 70
  }
  abs_top_builddir=$bench_made
fi
# shellcheck source=tests/support/lib.sh
. "$bench_top/tests/support/lib.sh"

bench_end() {
  local status=$?
  set +e
  [[ -z $bench_made ]] || rm -rf "$bench_made"
  (exit "$status")
  finish
}
trap bench_end EXIT

# --- the sample --------------------------------------------------------------

# bench_sample NAME [SETTING=VALUE…]: PostgreSQL, with these settings, on
#   full   1,004,000 contacts of 1,810 users, 100,000 of them of one user
#   small  20 users of 500, and one of 5,000, to try things out
# with the triggers that let pages be cached; with UNCACHED=yes without.
# Afterwards $big is the user with very many contacts, $big_contacts how many.
bench_sample() {
  local name=$1 size=() kept=${MY500_BENCH_DATA:+$MY500_BENCH_DATA/$1}
  shift
  case $name in
    full) size=(-v users=1810 -v contacts=500 -v big=100000) ;;
    small) ;;
    *)
      echo "A sample is full or small, not $name." >&2
      exit 64
      ;;
  esac
  set -- max_wal_size=8GB maintenance_work_mem=512MB "$@"
  if [[ -n $kept ]]; then
    sample_keep "$kept"
  fi
  start_postgres "$@"
  sample_load "${size[@]}"
  sample_trigger
  big=$(psql -XAtc "SELECT id FROM users WHERE email = 'user002@example.com'")
  # shellcheck disable=SC2034 # the scripts use it
  big_contacts=$(psql -XAtc "SELECT count(*) FROM contacts
    WHERE \"userId\" = '$big'")
}

# sample_keep DIRECTORY: the data directory is there, and stays there.
sample_keep() {
  local kept=$1
  if [[ ! -e $kept/PG_VERSION ]]; then
    postgres_start
    stop_postgres
    mkdir -p "${kept%/*}"
    mv "$T/data" "$kept"
  fi
  ln -s "$(cd "$kept" && pwd)" "$T/data"
}

# Loads what is not there, and marks it: interrupted halfway, or of a schema
# that has changed since, it is loaded anew.
sample_load() {
  local rows indexes mark=''
  rows=$(sample_sum tables sample "$@")
  indexes=$(sample_sum indexes uninstall role)
  mark=$(psql -XAt postgres -c "SELECT shobj_description(oid, 'pg_database')
    FROM pg_database WHERE datname = 'my500'")
  if [[ $mark != "$rows "* ]]; then
    echo 'loading the sample (the full one takes five minutes)' >&2
    dropdb --if-exists --force my500 2>"$T/schema.log"
    load_schema "$@"
  elif [[ $mark != "$rows $indexes" ]]; then
    echo 'building the indexes anew' >&2
    PGDATABASE=my500 psql -Xq -v ON_ERROR_STOP=1 \
      -f "$bench_top/schema/uninstall.sql" -f "$bench_top/schema/role.sql" \
      -f "$bench_top/schema/indexes.sql" -c 'VACUUM ANALYZE' \
      >"$T/schema.log" 2>&1 || server_complain schema
  fi
  export PGDATABASE=my500
  psql -Xq -f "$bench_top/schema/notify.sql"
  psql -Xqc "COMMENT ON DATABASE my500 IS '$rows $indexes'"
}

# A sample that is kept has the triggers of whoever used it last.
sample_trigger() {
  if [[ -n ${UNCACHED:-} ]]; then
    psql -XAtc "SELECT format('DROP FUNCTION %s CASCADE', oid::regprocedure)
      FROM pg_proc WHERE proname ~ '^my500_tell'" | psql -Xq
  else
    psql -Xq -v ON_ERROR_STOP=1 -f "$bench_top/schema/notify.sql"
  fi >"$T/schema.log" 2>&1 || server_complain schema
}

# sample_sum FILE-OR-VARIABLE…: of those files of schema, and those words.
sample_sum() {
  local word
  for word; do
    if [[ -e $bench_top/schema/$word.sql ]]; then
      cat "$bench_top/schema/$word.sql"
    else
      echo "$word"
    fi
  done | md5sum | cut -c 1-12
}

# --- numbers -----------------------------------------------------------------

# Of the numbers on standard input, one a line.
median() {
  sort -g | awk '{ v[NR] = $1 }
    END { if (NR) print (v[int((NR + 1) / 2)] + v[int(NR / 2) + 1]) / 2 }'
}

# How fast the machine is now: the milliseconds that a loop takes which is
# always the same; the best of five, so that it is not about who else runs.
pace() {
  local i begun
  for i in 1 2 3 4 5; do
    begun=${EPOCHREALTIME/[.,]/}
    awk 'BEGIN { while (i < 1000000) sum += i++ % 7 }'
    echo $((${EPOCHREALTIME/[.,]/} - begun))
  done | sort -n | awk 'NR == 1 { printf "%.0f\n", $1 / 1000 }'
}

# --- wrk ---------------------------------------------------------------------

# A file of requests has on each line a token (- for none), a tab and a path;
# and, behind another tab, what goes along as If-None-Match.

# wrk_run FILE CLIENTS SECONDS: asks for the file's lines in turn; prints
# requests/s, p50, p95, p99 and the longest in milliseconds, and how many
# answers were none or not 2xx.
wrk_run() {
  wrk -t1 -c"$2" -d"${3}s" --timeout 30s -s "$bench_room/wrk.lua" "$URL/" -- \
    "$1" "$2" >"$T/wrk.log" || {
    cat "$T/wrk.log" >&2
    return 70
  }
  sed -n 's/^my500: //p' "$T/wrk.log"
}
