#ifndef MY500_PAGE_JSON_H
#define MY500_PAGE_JSON_H

#include "my500/buffer.h"
#include "my500/model.h"

/*
 * Adds the `data` object of a page (contract, section 2): the contacts, each
 * with its activities, the pagination, and the sync status or the search
 * stats; of the stats all but their end.  Activities are given to contacts by
 * their contactId, never by position.  The tables hold the columns of
 * contact.def and activity.def; equal data gives equal bytes.
 */
void page_json_add(struct buffer *out, const struct page *page,
	const struct page_params *params);

/* Adds the end of a search's `data`: the one value that differs from answer to
 * answer, and so is no part of what the ETag stands for. */
void page_json_add_end(struct buffer *out, const struct page_params *params,
	int64_t search_us);

#endif
