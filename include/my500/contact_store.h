#ifndef MY500_CONTACT_STORE_H
#define MY500_CONTACT_STORE_H

#include "my500/arena.h"
#include "my500/model.h"

struct database;

/*
 * Reads one page of a user's contacts, or of those that match, in one round
 * trip and from one snapshot: the contacts, their latest activities, the user
 * and the numbers.  The numbers in `known` are not counted again as long as
 * their snapshot is the one that is read; page->total.snapshot says which one
 * that is.  What `page` borrows lasts until the next run of `db` and the next
 * reset of `arena`.  Failures as database_run().
 */
CHECKED enum status
contact_store_read_page(struct database *db, const struct page_params *params,
	const struct total *known, struct arena *arena, struct page *page);

#endif
