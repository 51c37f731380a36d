#ifndef MY500_USER_CACHE_H
#define MY500_USER_CACHE_H

#include "my500/stamp.h"

/*
 * What memcached knows of a user, behind its stamp: the JSON of user_json.h for
 * as long as MY500_USER_TTL says, or for 30 seconds that there is no such user:
 * then the JSON is empty.
 */

/* Makes `item` ask for a user. */
void user_cache_ask(struct memcached_item *item, const char *user_id);

/* False when memcached knows nothing that is still true.  `json` borrows from
 * the item. */
bool user_cache_read(const struct memcached_item *item, const struct stamp *now,
	struct slice *json);

/* Best effort: a user that can't be stored is asked for again. */
void user_cache_write(struct memcached *m, const char *user_id,
	const struct stamp *stamp, struct slice json, int64_t life_s);
void user_cache_write_unknown(
	struct memcached *m, const char *user_id, const struct stamp *stamp);

#endif
