#ifndef MY500_PAGE_PLAN_H
#define MY500_PAGE_PLAN_H

#include "my500/arena.h"
#include "my500/connection.h"
#include "my500/model.h"

/* How a page is asked for: the queries of one exchange, and which of them
 * answers what. */
struct page_plan {
	struct query queries[EXCHANGE_QUERIES_MAX];
	int count;
	int found; /* says whether more follow; -1: the total does */
	int contacts;
	int activities;
	int user;
	int total; /* of a search; -1: it is with the user */
};

/*
 * Chooses the statements of schema/queries for a page: near or far, behind a
 * cursor, or of a search that few or many contacts match; `known` are numbers
 * from memcached, which may be out of date.  Borrows from both and `arena`.
 */
void page_plan_make(struct page_plan *plan, const struct page_params *params,
	const struct total *known, struct arena *arena);

/* Whether a search's pages are soon met in the order of all contacts, as there
 * are so many matches. */
bool page_plan_is_dense(const struct total *total);

#endif
