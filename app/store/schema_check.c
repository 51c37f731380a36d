#include "config.h"

#include "my500/contact_store.h"
#include "my500/database.h"
#include "my500/schema_check.h"

enum status
schema_check_indexes(
	struct database *db, struct arena *arena, struct table *missing)
{
	struct query query = { .statement = STATEMENT_missing_indexes };
	enum status st = database_run(db, &query, 1);

	if (st == STATUS_OK)
		*missing = database_table(db, 0, 2, arena);
	return st;
}

enum status
schema_check_triggers(
	struct database *db, struct arena *arena, struct table *missing)
{
	struct query query = { .statement = STATEMENT_missing_triggers };
	enum status st = database_run(db, &query, 1);

	if (st == STATUS_OK)
		*missing = database_table(db, 0, 1, arena);
	return st;
}

/* Pages that nobody has, by all the ways that page_plan.h knows; of a term with
 * three letters, for which an index is looked for. */
static const struct page_params pages[] = {
	{ .user_id = "", .page = 1, .limit = 1, .activities = 1 },
	{ .user_id = "", .page = PAGE_MAX, .limit = 1, .activities = 1 },
	{ .user_id = "",
		.is_search = true,
		.page = 1,
		.limit = 1,
		.activities = 1,
		.q = { "qqq", 3 } },
	{ .user_id = "",
		.is_search = true,
		.page = 1,
		.limit = 1,
		.activities = 1,
		.q = { "qqq", 3 },
		.has_cursor = true,
		.cursor = { .is_dense = true, .after = { .id = { "", 0 } } } },
};

static enum status
check_pages(struct database *db, struct arena *arena, size_t count)
{
	const struct total none = { .snapshot = { NULL, 0 } };
	enum status st = STATUS_OK;
	struct page page;

	for (size_t i = 0; st == STATUS_OK && i < count; i++)
		st = contact_store_read_page(
			db, &pages[i], &none, arena, &page);
	return st;
}

enum status
schema_check_page(struct database *db, struct arena *arena)
{
	return check_pages(db, arena, 1);
}

enum status
schema_check_statements(struct database *db, struct arena *arena)
{
	return check_pages(db, arena, sizeof(pages) / sizeof(pages[0]));
}
