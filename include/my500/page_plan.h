#ifndef MY500_PAGE_PLAN_H
#define MY500_PAGE_PLAN_H

#include "my500/arena.h"
#include "my500/connection.h"
#include "my500/model.h"

#define PAGE_PLAN_NONE (-1)

/* How a page is asked for: the queries of one exchange, and which of them
 * answers what, or PAGE_PLAN_NONE. */
struct page_plan {
	struct query queries[EXCHANGE_QUERIES_MAX];
	int count;
	int found; /* says whether more follow; else the total does */
	int contacts;
	int activities;
	int user;
	int total; /* of a search; else it is with the user */
};

/*
 * Chooses the statements of schema/queries for a page: near or far, behind a
 * cursor, or of a search, unless it is for nothing: then it is a list.  `known`
 * are numbers from memcached, which may be out of date.  Borrows from both and
 * `arena`.
 */
void page_plan_make(struct page_plan *plan, const struct page_params *params,
	const struct total *known, struct arena *arena);

/* Whether a search's next page can be met without the ids of all matches. */
bool page_plan_has_many_matches(
	const struct page_params *params, const struct total *total);

#endif
