#ifndef MY500_INVALIDATOR_H
#define MY500_INVALIDATOR_H

#include <stdbool.h>

#include "my500/status.h"

struct config;

/*
 * Whether these settings ask for an invalidator.  STATUS_INVALID with `why`: a
 * setting of its makes no sense.  STATUS_NOT_FOUND with `why`: it could not do
 * its work, so no page is cached.
 */
CHECKED enum status invalidator_check(
	const struct config *config, bool *is_wanted, struct reason *why);

/* The same, for who only wants to know whether to start one; what stands in
 * the way is logged. */
bool invalidator_is_wanted(const struct config *config);

/*
 * The process that hears of every change in the database and makes cached
 * values count no more (architecture, section 4): leads, or waits until it may.
 * Until SIGTERM or SIGINT; returns the exit code.
 */
int invalidator_run(const struct config *config);

#endif
