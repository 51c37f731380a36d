#ifndef MY500_TIMING_H
#define MY500_TIMING_H

#include <stdint.h>

#include "my500/buffer.h"

/* The parts that a request's time is counted in. */
enum phase {
	PHASE_AUTH,
	PHASE_CACHE,
	PHASE_DB,
	PHASE_ENCODE,
	PHASES
};

/* Where a request's time went, in microseconds. */
struct timing {
	int64_t accepted_us;
	int64_t phase_us[PHASES];
};

/* Adds the time since `from_us` to a phase; returns now, so that one phase
 * begins where the last ended. */
int64_t timing_add(struct timing *timing, enum phase phase, int64_t from_us);

/* From acceptance until now. */
int64_t timing_total_us(const struct timing *timing);

/* The value of a Server-Timing header (W3C Server Timing); `cache` says how
 * the cache answered. */
void timing_print(const struct timing *timing, const char *cache,
	int64_t total_us, struct buffer *out);

#endif
