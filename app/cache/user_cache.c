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

bool
user_cache_read(const struct memcached_item *item, const struct stamp *now,
	struct slice *json)
{
	struct stamp stamp;

	*json = item->value;
	return item->is_hit && stamp_take(json, &stamp) &&
		stamp_agrees(&stamp, now);
}

void
user_cache_write(struct memcached *m, const char *user_id,
	const struct stamp *stamp, struct slice json, int64_t life_s)
{
	struct buffer value = { NULL, 0, 0 };
	struct memcached_item item;

	user_cache_ask(&item, user_id);
	stamp_add(&value, stamp);
	buffer_add_slice(&value, json);
	/* a failure has been logged, and the next request asks anew */
	(void)!memcached_write(
		m, slice_of(user_id), item.key, buffer_slice(&value), life_s);
	buffer_close(&value);
}

void
user_cache_write_unknown(
	struct memcached *m, const char *user_id, const struct stamp *stamp)
{
	user_cache_write(m, user_id, stamp, slice_of(""), UNKNOWN_LIFE_S);
}
