# shellcheck shell=bash disable=SC2154
#
# freshness.pl beside a script that breaks things; to be sourced after lib.sh.
#
#   freshness_start [NAME=NUMBER…] [SOCKET…]   in its first phase, peace
#   freshness_phase NAME MS [down]
#   freshness_wait ANSWERS                     until so many in this phase
#   freshness_end                              its numbers; what it found
#
# $FRESHNESS_GRACE is what a change may take to be seen while all is well, in
# milliseconds: on a machine that is busy with other tests, more than it takes.

FRESHNESS_GRACE=${FRESHNESS_GRACE:-250}
# What it may take when the invalidator does not hear of it.
# shellcheck disable=SC2034 # the scripts use it
FRESHNESS_LATE=$((3000 + FRESHNESS_GRACE))
freshness_phases=0

freshness_start() {
  local arguments=() sockets=() argument
  for argument; do
    case $argument in
      /*) sockets+=("$argument") ;;
      *) arguments+=("$argument") ;;
    esac
  done
  ((${#sockets[@]} > 0)) || sockets=("$T/my500.sock")
  rm -rf "$T/freshness" "$T/freshness.log"
  mkdir "$T/freshness"
  freshness_phases=0
  freshness_phase peace "$FRESHNESS_GRACE"
  server_launch freshness "$abs_top_srcdir/tests/support/freshness.pl" \
    "$T/freshness" "${arguments[@]}" "${sockets[@]}"
}

freshness_phase() {
  echo "phase $*" >>"$T/freshness/phases"
  freshness_phases=$((freshness_phases + 1))
}

# Fails when it has ended, or makes no progress for a minute.
freshness_wait() {
  local phase count last=-1 end=0
  while :; do
    read -r phase count 2>/dev/null <"$T/freshness/count" || phase=0 count=0
    ((phase == freshness_phases)) || count=0
    ((count < $1)) || return 0
    ((count == last)) || end=$((SECONDS + 60))
    last=$count
    if ((SECONDS >= end)) || ! server_is_running freshness; then
      diag "$count of $1 answers, and no more"
      return 1
    fi
    sleep 0.2
  done
}

# Its words, as a comment; its exit status.
freshness_end() {
  local status=0
  echo end >>"$T/freshness/phases"
  wait "${server_pid[freshness]}" || status=$?
  unset 'server_pid[freshness]'
  diag "$(cat "$T/freshness.log")"
  return "$status"
}

# freshness_number PHASE WORD: of the line of that phase.
freshness_number() {
  sed -n "s/^$1: .*\\<\\([0-9]*\\) $2\\>.*/\\1/p" "$T/freshness.log"
}
