#ifndef MY500_TOTAL_CACHE_H
#define MY500_TOTAL_CACHE_H

#include "my500/memcached.h"
#include "my500/model.h"

/*
 * The numbers of a user's contacts, or of those that match, as memcached
 * remembers them: with the snapshot of PostgreSQL at which they were counted,
 * so that they are used at that snapshot only, and never wrong.
 */

/* Makes `item` ask for the numbers of the page that `params` asks for. */
void
total_cache_ask(struct memcached_item *item, const struct page_params *params);

/* What the value says; no snapshot when it makes no sense.  Borrows from it. */
struct total total_cache_read(struct slice value);

/* Best effort. */
void total_cache_write(struct memcached *m, const struct page_params *params,
	const struct total *total);

#endif
