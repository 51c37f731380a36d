#ifndef MY500_PAGE_CACHE_H
#define MY500_PAGE_CACHE_H

#include "my500/model.h"
#include "my500/stamp.h"

/*
 * Pages and searches as memcached keeps them: a line with the stamp, one with
 * the user, the entity tag and the length, then the `data` object as it is
 * sent.
 */

/* A page out of memcached; borrows from the item. */
struct cached_page {
	struct stamp stamp;
	struct slice etag;
	struct slice data;
};

/* Makes `item` ask for the page that `params` asks for. */
void
page_cache_ask(struct memcached_item *item, const struct page_params *params);

/* False when there is no page in `item`, or not a whole one of this user.
 * Whether it counts is for its stamp to say. */
bool page_cache_read(const struct memcached_item *item, const char *user_id,
	struct cached_page *page);

/* Best effort; the page's stamp is that which was read before the database was
 * asked. */
void page_cache_write(struct memcached *m, const struct page_params *params,
	const struct cached_page *page, int64_t life_s);

/*
 * Asks to be the one who reads a page that is missing from the database, for a
 * second or two.  False: somebody else is at it.
 */
bool page_cache_claim(struct memcached *m, const struct page_params *params,
	const struct stamp *stamp);

#endif
