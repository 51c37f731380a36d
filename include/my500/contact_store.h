#ifndef MY500_CONTACT_STORE_H
#define MY500_CONTACT_STORE_H

#include "my500/arena.h"
#include "my500/model.h"

struct database;

/*
 * Reads one page of `user_id`'s contacts in one round trip and from one
 * snapshot: the contacts, their latest activities, and in one row the user
 * and the counts.  What `page` borrows lasts until the next run of `db` and
 * the next reset of `arena`.  Failures as database_run().
 */
CHECKED enum status contact_store_read_page(struct database *db,
	const char *user_id, const struct page_params *params,
	struct arena *arena, struct page *page);

#endif
