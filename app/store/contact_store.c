#include "config.h"

#include <assert.h>

#include "my500/contact_store.h"
#include "my500/database.h"

/* The row of page_summary: the user's columns, then the counts. */
enum summary_column {
	SUMMARY_total = USER_COLUMNS,
	SUMMARY_synced,
	SUMMARY_COLUMNS
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
read_summary(const struct table *summary, struct page *page)
{
	assert(summary->rows == 1); /* page_summary.sql sees to it */
	for (int i = 0; i < USER_COLUMNS; i++)
		page->user.cells[i] = summary->cells[i];
	page->total = count_of(summary->cells[SUMMARY_total]);
	page->synced = count_of(summary->cells[SUMMARY_synced]);
}

enum status
contact_store_read_page(struct database *db, const char *user_id,
	const struct page_params *params, struct arena *arena,
	struct page *page)
{
	const char *limit = arena_printf(
		arena, "%lld", (long long)params->limit);
	const char *offset = arena_printf(
		arena, "%lld", (long long)((params->page - 1) * params->limit));
	const char *activities = arena_printf(
		arena, "%lld", (long long)params->activities);
	struct query queries[] = {
		{ .statement = STATEMENT_page_contacts,
			.parameters = { user_id, limit, offset } },
		{ .statement = STATEMENT_page_activities,
			.parameters = { user_id, limit, offset, activities } },
		{ .statement = STATEMENT_page_summary,
			.parameters = { user_id } },
	};
	struct table summary;
	enum status st;

	st = database_run(db, queries, sizeof(queries) / sizeof(queries[0]));
	if (st != STATUS_OK)
		return st;
	page->contacts = database_table(db, 0, CONTACT_COLUMNS, arena);
	page->activities = database_table(db, 1, ACTIVITY_COLUMNS, arena);
	summary = database_table(db, 2, SUMMARY_COLUMNS, arena);
	read_summary(&summary, page);
	return STATUS_OK;
}
