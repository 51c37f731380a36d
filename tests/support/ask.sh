# shellcheck shell=bash
#
# For scripts that ask thousands of times, by the programs in this directory:
# to be sourced after lib.sh.

# shellcheck disable=SC2154 # lib.sh sets it
support=$abs_top_srcdir/tests/support

# points NAME PROGRAM ARGUMENT…: one test; the program prints what is wrong.
points() {
  local name=$1 status=0 summary
  shift
  summary=$(URL=$URL SOCKET=$T/my500.sock "$support/$1" "${@:2}") || status=$?
  diag "$summary"
  ok "$status" "$name"
}

# A filter of requests: with BRIEF=yes one in five.
sample() {
  if [[ ${BRIEF:-} == yes ]]; then
    awk 'NR % 5 == 1'
  else
    cat
  fi
}

# blocks_read [REGEX]: how many blocks the workers' statements, or those that
# match, have read since the last call.
blocks_read() {
  psql -XAtc "SELECT coalesce(sum(shared_blks_hit + shared_blks_read), 0)
    FROM pg_stat_statements JOIN pg_roles ON oid = userid
    WHERE $of_pages AND query ~ '${1:-}'"
  psql -XAtc 'SELECT pg_stat_statements_reset()' >"$T/reset"
}
