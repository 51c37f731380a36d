#ifndef MY500_CHILD_H
#define MY500_CHILD_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "my500/scoreboard.h"

/* A process that the supervisor has started, and where it stands on the
 * scoreboard. */
struct child {
	pid_t pid; /* 0: there is none */
	int place;
	int64_t started_us;
	int64_t kill_at_us; /* when it was told to leave, or aborted; else 0 */
	bool is_hung;
};

/* Whether it serves, so that nobody has to wait for it any more. */
bool child_is_ready(const struct child *child);

/* Whether it has answered any request: then its death is no crash loop. */
bool child_has_served(const struct child *child);

/*
 * Aborts a worker that has been at one request for longer than `limit_us`, so
 * that it leaves a core where cores are kept; one that does not react is killed
 * a second later.  True when it was found hung just now, which is logged.
 */
bool child_abort_if_hung(struct child *child, int64_t limit_us);

/*
 * The child has ended: says so in one line, with what it was doing, and frees
 * its place.  True: that was an accident.
 */
bool child_bury(struct child *child, int wait_status);

#endif
