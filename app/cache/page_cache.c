#include "config.h"

#include <stdio.h>

#include "my500/digest.h"
#include "my500/page_cache.h"

#define CLAIM_LIFE_S 2

/* All that a page depends on.  `kind` is that of the key. */
static void
write_key(char key[MEMCACHED_KEY_BYTES], char kind,
	const struct page_params *params)
{
	char q[DIGEST_TEXT_BYTES] = "", cursor[DIGEST_TEXT_BYTES] = "";

	if (params->is_search)
		digest_text(params->q, q);
	if (params->has_cursor)
		digest_text(params->cursor_text, cursor);
	snprintf(key, MEMCACHED_KEY_BYTES, "my500:1:%c:%s:%s:%lld:%lld:%lld:%s",
		kind, params->user_id, q, (long long)params->page,
		(long long)params->limit, (long long)params->activities,
		cursor);
}

void
page_cache_ask(struct memcached_item *item, const struct page_params *params)
{
	write_key(item->key, params->is_search ? 's' : 'p', params);
}

bool
page_cache_read(const struct memcached_item *item, const char *user_id,
	struct cached_page *page)
{
	struct slice rest = item->value, line, user;
	int64_t bytes;

	if (!item->is_hit || !stamp_take(&rest, &page->stamp) ||
		!slice_split(&rest, '\n', &line) || rest.ptr == NULL ||
		!slice_split(&line, ' ', &user) ||
		!slice_equals_text(user, user_id) ||
		!slice_split(&line, ' ', &page->etag) ||
		!slice_parse_int(line, 0, INT64_MAX, &bytes) ||
		bytes != (int64_t)rest.len)
		return false;
	page->data = rest;
	return true;
}

void
page_cache_write(struct memcached *m, const struct page_params *params,
	const struct cached_page *page, int64_t life_s)
{
	struct buffer value = { NULL, 0, 0 };
	struct memcached_item item;

	page_cache_ask(&item, params);
	stamp_add(&value, &page->stamp);
	buffer_printf(&value, "%s %.*s %zu\n", params->user_id,
		(int)page->etag.len, page->etag.ptr, page->data.len);
	buffer_add_slice(&value, page->data);
	/* a failure has been logged, and the next request reads it anew */
	(void)!memcached_write(m, slice_of(params->user_id), item.key,
		buffer_slice(&value), life_s);
	buffer_close(&value);
}

/* Of a page and a stamp: who comes after a change must not wait for one who
 * began before it. */
bool
page_cache_claim(struct memcached *m, const struct page_params *params,
	const struct stamp *stamp)
{
	char page[MEMCACHED_KEY_BYTES];
	char key[MEMCACHED_KEY_BYTES + 2 * STAMP_NUMBER_BYTES];

	write_key(page, params->is_search ? 'S' : 'P', params);
	snprintf(key, sizeof(key), "%s:%s:%s", page, stamp->epoch,
		stamp->generation);
	return memcached_create_key(m, slice_of(params->user_id), key,
		       slice_of(""), CLAIM_LIFE_S) != STATUS_NOT_FOUND;
}
