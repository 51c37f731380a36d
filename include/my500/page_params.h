#ifndef MY500_PAGE_PARAMS_H
#define MY500_PAGE_PARAMS_H

#include "my500/arena.h"
#include "my500/model.h"

/*
 * Reads a query string (application/x-www-form-urlencoded) by the table of
 * the contract, section 1.1; what it does not name has its default.  The
 * caller says in `params` whose page it is, and whether of a search: a cursor
 * is bound to both.  STATUS_INVALID with `why`: the parameter and what it may
 * be.
 */
CHECKED enum status page_params_read(struct page_params *params,
	struct slice query, struct arena *arena, struct reason *why);

#endif
