#!/bin/bash
#
# Whether a worker grows: the resident memory of one that answers a million
# requests of mixed kinds, by tests/integration/58_memory.sh.
#
#   tests/bench/memory.sh [REQUESTS]
set -euo pipefail
# shellcheck source=tests/bench/lib.sh
. "$(dirname "$0")/lib.sh" perl

REQUESTS=${1:-1000000} abs_top_builddir=$abs_top_builddir \
  "$bench_top/tests/integration/58_memory.sh"
