#include "config.h"

#include <stdio.h>

#include "my500/digest.h"
#include "my500/total_cache.h"

/* A snapshot seldom stays the same for longer. */
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

/* The two numbers, the snapshot, and the ids, if there are any: three lines,
 * of which the last may have several. */
struct total
total_cache_read(struct slice value)
{
	struct slice rest = value, numbers = { NULL, 0 }, contacts = numbers;
	struct total total = { .snapshot = { NULL, 0 } };

	(void)slice_split(&rest, '\n', &numbers);
	(void)slice_split(&numbers, ' ', &contacts);
	if (!slice_parse_int(contacts, 0, NUMBER_MAX, &total.contacts) ||
		!slice_parse_int(numbers, 0, NUMBER_MAX, &total.synced) ||
		!slice_split(&rest, '\n', &total.snapshot) ||
		total.snapshot.len == 0)
		return (struct total){ .snapshot = { NULL, 0 } };
	total.matches = rest;
	return total;
}

void
total_cache_write(struct memcached *m, const struct page_params *params,
	const struct total *total)
{
	struct buffer value = { NULL, 0, 0 };
	struct memcached_item item;

	total_cache_ask(&item, params);
	buffer_printf(&value, "%lld %lld\n", (long long)total->contacts,
		(long long)total->synced);
	buffer_add_slice(&value, total->snapshot);
	if (total->matches.ptr != NULL) {
		buffer_add_char(&value, '\n');
		buffer_add_slice(&value, total->matches);
	}
	/* a failure has been logged, and the next request counts anew */
	(void)!memcached_write(m, slice_of(params->user_id), item.key,
		buffer_slice(&value), LIFE_S);
	buffer_close(&value);
}
