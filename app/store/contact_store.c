#include "config.h"

#include <assert.h>

#include "my500/contact_store.h"
#include "my500/database.h"
#include "my500/log.h"
#include "my500/page_plan.h"
#include "my500/place.h"

/* What the statements answer: the user's columns, then these. */
enum summary_column {
	SUMMARY_snapshot = USER_COLUMNS,
	SUMMARY_total,
	SUMMARY_synced,
	SUMMARY_COLUMNS
};

enum search_user_column {
	SEARCH_USER_snapshot = USER_COLUMNS,
	SEARCH_USER_is_kept,
	SEARCH_USER_is_custom,
	SEARCH_USER_is_in_order,
	SEARCH_USER_COLUMNS
};

enum search_count_column {
	SEARCH_COUNT_total,
	SEARCH_COUNT_matches,
	SEARCH_COUNT_is_kept,
	SEARCH_COUNT_is_generic,
	SEARCH_COUNT_COLUMNS
};

/* Of all statements that find ids. */
enum found_column {
	FOUND_has_more,
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

static void
read_user(const struct table *table, struct page *page)
{
	assert(table->rows == 1); /* the statements see to it */
	for (int i = 0; i < USER_COLUMNS; i++)
		page->user.cells[i] = table->cells[i];
}

static void
read_summary(const struct database *db, const struct page_plan *plan,
	struct arena *arena, struct page *page)
{
	struct table summary = database_table(
		db, plan->user, SUMMARY_COLUMNS, arena);

	read_user(&summary, page);
	page->total = (struct total){
		.snapshot = summary.cells[SUMMARY_snapshot],
		.contacts = count_of(summary.cells[SUMMARY_total]),
		.synced = count_of(summary.cells[SUMMARY_synced]),
	};
}

static void
read_search(const struct database *db, const struct page_plan *plan,
	struct arena *arena, struct page *page)
{
	struct table user = database_table(
		db, plan->user, SEARCH_USER_COLUMNS, arena);
	struct table count = database_table(
		db, plan->total, SEARCH_COUNT_COLUMNS, arena);

	read_user(&user, page);
	page->total = (struct total){
		.snapshot = user.cells[SEARCH_USER_snapshot],
		.contacts = count_of(count.cells[SEARCH_COUNT_total]),
		.matches = count.cells[SEARCH_COUNT_matches],
	};
}

static bool
read_has_next(const struct database *db, const struct page_plan *plan,
	struct arena *arena)
{
	struct table found = database_table(
		db, plan->found, FOUND_COLUMNS, arena);

	return slice_equals_text(found.cells[FOUND_has_more], "t");
}

/* Where the page that follows begins. */
static void
set_cursor(struct page *page, const struct page_params *params)
{
	size_t rows = page->contacts.rows;

	if (!page->has_next || rows == 0)
		return;
	page->has_cursor = place_read(&page->cursor.after,
		&page->contacts.cells[(rows - 1) * CONTACT_COLUMNS]);
	page->cursor.is_dense = page_plan_has_many_matches(
		params, &page->total);
	if (!page->has_cursor) /* the contract (6.1) has no such contacts */
		log_warning("contact_without_place",
			log_text("userId", params->user_id));
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
	if (plan.total == PAGE_PLAN_NONE)
		read_summary(db, &plan, arena, page);
	else
		read_search(db, &plan, arena, page);
	if (known->snapshot.ptr != NULL &&
		slice_equals(page->total.snapshot, known->snapshot))
		page->total = *known;
	page->has_next = plan.found != PAGE_PLAN_NONE
		? read_has_next(db, &plan, arena)
		: params->page * params->limit < page->total.contacts;
	set_cursor(page, params);
	return STATUS_OK;
}
