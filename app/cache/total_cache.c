#include "config.h"

#include <stdio.h>

#include "my500/digest.h"
#include "my500/total_cache.h"

/*
 * Short: after it a crash of PostgreSQL that lost commits (only where
 * synchronous_commit is off) can't have made another history with the same
 * snapshot.
 */
#define LIFE_S 60

/* More rows than a table can have. */
#define NUMBER_MAX ((int64_t)1 << 48)

void
total_cache_ask(struct memcached_item *item, const struct page_params *params)
{
	char digest[DIGEST_TEXT_BYTES] = "";

	if (params->q.len > 0)
		digest_text(params->q, digest);
	snprintf(item->key, sizeof(item->key), "my500:1:t:%s:%s",
		params->user_id, digest);
}

struct total
total_cache_read(struct slice value)
{
	struct total total = { .snapshot = value };
	struct slice contacts = { NULL, 0 }, synced = { NULL, 0 };

	if (!slice_split(&total.snapshot, ' ', &contacts) ||
		!slice_split(&total.snapshot, ' ', &synced) ||
		!slice_parse_int(contacts, 0, NUMBER_MAX, &total.contacts) ||
		!slice_parse_int(synced, 0, NUMBER_MAX, &total.synced) ||
		total.snapshot.len == 0)
		return (struct total){ .snapshot = { NULL, 0 } };
	return total;
}

void
total_cache_write(struct memcached *m, const struct page_params *params,
	const struct total *total)
{
	struct buffer value = { NULL, 0, 0 };
	struct memcached_item item;

	total_cache_ask(&item, params);
	buffer_printf(&value, "%lld %lld ", (long long)total->contacts,
		(long long)total->synced);
	buffer_add_slice(&value, total->snapshot);
	/* a failure has been logged, and the next request counts anew */
	(void)!memcached_write(m, slice_of(params->user_id), slice_of(item.key),
		buffer_slice(&value), LIFE_S);
	buffer_close(&value);
}
