#ifndef MY500_EPOCHS_H
#define MY500_EPOCHS_H

#include <stdbool.h>

#include "my500/slice.h"
#include "my500/status.h"

struct memcached;

/*
 * The epochs of all memcached servers, and with them the proof that somebody
 * hears of every change (architecture, section 4).  One process of all may
 * have these: the invalidator that leads.
 */
struct epochs;

/* Borrows `m`, which is told to insist.  Changes nothing yet. */
struct epochs *epochs_open(struct memcached *m);
void epochs_close(struct epochs **e);

/* Begins a new epoch on every server: all that is stored counts no more.
 * Servers that can't be reached are left to epochs_mend(). */
void epochs_renew(struct epochs *e);

/* Ends the epochs: nothing that is stored counts until there is a new one. */
void epochs_end(struct epochs *e);

/* Raises a user's generation: what is stored of that user counts no more. */
void epochs_raise(struct epochs *e, const char *user_id);

/*
 * Keeps the epochs alive for another three seconds, once all changes so far
 * have been told.  STATUS_INVALID: somebody else has begun an epoch, so this
 * process does not lead any more.
 */
CHECKED enum status epochs_keep(struct epochs *e);

/* Tries to begin a new epoch on the servers that missed a change or an epoch;
 * until then, theirs is not kept.  True when all is mended. */
bool epochs_mend(struct epochs *e);

#endif
