#ifndef MY500_USER_CACHE_H
#define MY500_USER_CACHE_H

#include "my500/memcached.h"

/*
 * What memcached knows of a user: the JSON of user_json.h for as long as
 * MY500_USER_TTL says, or for 30 seconds that there is no such user.
 */

/* STATUS_OK: `json` is the user, valid until the next call on `m`; empty when
 * the user is known not to exist.  Else as memcached_read(). */
CHECKED enum status
user_cache_read(struct memcached *m, const char *user_id, struct slice *json);

/* Best effort: a user that can't be stored is asked for again. */
void user_cache_write(struct memcached *m, const char *user_id,
	struct slice json, int64_t life_s);
void user_cache_write_unknown(struct memcached *m, const char *user_id);

#endif
