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
schema_check_page(struct database *db, struct arena *arena)
{
	const struct page_params params = {
		.user_id = "", .page = 1, .limit = 1, .activities = 1
	};
	const struct total none = { .snapshot = { NULL, 0 } };
	struct page page;

	return contact_store_read_page(db, &params, &none, arena, &page);
}
