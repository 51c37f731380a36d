#include "config.h"

#include <assert.h>

#include "my500/contact_store.h"
#include "my500/database.h"
#include "my500/page_plan.h"
#include "my500/place.h"

/* The row of page_summary and search_user: the user's columns, the snapshot;
 * page_summary's numbers, or a word that means nothing. */
enum summary_column {
	SUMMARY_snapshot = USER_COLUMNS,
	SUMMARY_total,
	SUMMARY_synced,
	SUMMARY_COLUMNS
};
#define SEARCH_USER_COLUMNS (SUMMARY_snapshot + 2)

/* What search_count and the statements that find ids answer. */
enum {
	COUNT_total,
	COUNT_COLUMNS
};
enum {
	FOUND_has_next,
	FOUND_is_kept,
	FOUND_COLUMNS
};

static int64_t
count_of(struct slice cell)
{
	int64_t count = 0;
	bool is_count = slice_parse_int(cell, 0, INT64_MAX, &count);

	assert(is_count); /* count(*) is a bigint, never NULL */
	return count;
}

/* The user's row, and the numbers with it or, of a search, by themselves. */
static void
read_numbers(const struct database *db, const struct page_plan *plan,
	struct arena *arena, struct page *page)
{
	bool is_search = plan->total >= 0;
	struct table user = database_table(db, plan->user,
		is_search ? SEARCH_USER_COLUMNS : SUMMARY_COLUMNS, arena);

	assert(user.rows == 1); /* the statements see to it */
	for (int i = 0; i < USER_COLUMNS; i++)
		page->user.cells[i] = user.cells[i];
	page->total.snapshot = user.cells[SUMMARY_snapshot];
	if (is_search) {
		page->total.contacts = count_of(
			database_table(db, plan->total, COUNT_COLUMNS, arena)
				.cells[COUNT_total]);
	} else {
		page->total.contacts = count_of(user.cells[SUMMARY_total]);
		page->total.synced = count_of(user.cells[SUMMARY_synced]);
	}
}

static bool
read_has_next(const struct database *db, const struct page_plan *plan,
	struct arena *arena)
{
	struct table found = database_table(
		db, plan->found, FOUND_COLUMNS, arena);

	return slice_equals_text(found.cells[FOUND_has_next], "t");
}

/* Where the page that follows begins. */
static void
set_cursor(struct page *page)
{
	size_t rows = page->contacts.rows;

	page->has_cursor = page->has_next && rows > 0 &&
		place_read(&page->cursor.after,
			&page->contacts.cells[(rows - 1) * CONTACT_COLUMNS]);
	page->cursor.is_dense = page_plan_is_dense(&page->total);
}

enum status
contact_store_read_page(struct database *db, const struct page_params *params,
	const struct total *known, struct arena *arena, struct page *page)
{
	struct page_plan plan;
	enum status st;

	page_plan_make(&plan, params, known, arena);
	st = database_run(db, plan.queries, plan.count);
	if (st != STATUS_OK)
		return st;
	*page = (struct page){ .has_next = false };
	page->contacts = database_table(
		db, plan.contacts, CONTACT_COLUMNS, arena);
	page->activities = database_table(
		db, plan.activities, ACTIVITY_COLUMNS, arena);
	read_numbers(db, &plan, arena, page);
	if (known->snapshot.ptr != NULL &&
		slice_equals(page->total.snapshot, known->snapshot))
		page->total = *known;
	page->has_next = plan.found >= 0
		? read_has_next(db, &plan, arena)
		: params->page * params->limit < page->total.contacts;
	set_cursor(page);
	return STATUS_OK;
}
