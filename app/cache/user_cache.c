#include "config.h"

#include <stdio.h>

#include "my500/user_cache.h"

#define UNKNOWN_LIFE_S 30

/* The number is the version of what is stored.  A user's id has nothing but
 * [A-Za-z0-9_-], and not much of it: token_verify() saw to it. */
void
user_cache_ask(struct memcached_item *item, const char *user_id)
{
	snprintf(item->key, sizeof(item->key), "my500:1:u:%s", user_id);
}

void
user_cache_write(struct memcached *m, const char *user_id, struct slice json,
	int64_t life_s)
{
	struct memcached_item item;

	user_cache_ask(&item, user_id);
	/* a failure has been logged, and the next request asks anew */
	(void)!memcached_write(
		m, slice_of(user_id), slice_of(item.key), json, life_s);
}

void
user_cache_write_unknown(struct memcached *m, const char *user_id)
{
	user_cache_write(m, user_id, slice_of(""), UNKNOWN_LIFE_S);
}
