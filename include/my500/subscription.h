#ifndef MY500_SUBSCRIPTION_H
#define MY500_SUBSCRIPTION_H

#include <stdint.h>

#include "my500/buffer.h"
#include "my500/status.h"

struct config;

/*
 * What the triggers of schema/notify.sql tell, over a connection of its own:
 * to one of all who subscribe, the leader.
 */
struct subscription;

/* STATUS_INVALID with `why`: the address makes no sense.  STATUS_NOT_FOUND with
 * `why`: there is none where anything could be heard.  Does not connect. */
CHECKED enum status subscription_open(struct subscription **s,
	const struct config *config, struct reason *why);
void subscription_close(struct subscription **s);

/*
 * Tries to lead: from now on every change is told.  STATUS_NOT_FOUND: somebody
 * else does.  STATUS_UNAVAILABLE: no database, or not all triggers are there,
 * or the role may not look up whose a contact is; the reason has been logged.
 */
CHECKED enum status subscription_begin(struct subscription *s);

/*
 * Whose pages have changed, in the order in which that was committed: a user's
 * id, or "*" for everybody, replaces what is in `payload`, a text with its NUL.
 * Where contacts were told, for their activities have changed, their owners are
 * looked up.  Waits until the deadline, open to signals; with a deadline of 0
 * takes only what has come with the last confirmation.  STATUS_NOT_FOUND: all
 * of that has been passed on, or a signal.  STATUS_UNAVAILABLE: the connection
 * is lost, and this process leads no more.
 */
CHECKED enum status subscription_next(
	struct subscription *s, int64_t deadline_us, struct buffer *payload);

/* Makes sure that all that was to be told until now has come: that the database
 * answers and has its triggers.  STATUS_UNAVAILABLE as above. */
CHECKED enum status subscription_confirm(struct subscription *s);

/* Leads no more, if it did. */
void subscription_end(struct subscription *s);

#endif
