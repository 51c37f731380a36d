#ifndef MY500_SCHEMA_CHECK_H
#define MY500_SCHEMA_CHECK_H

#include "my500/arena.h"
#include "my500/model.h"

struct database;

/* The indexes of schema/indexes.sql that the database lacks, a row for each:
 * the name, and 't' for one that pages do without.  Without the one on
 * activities a page takes seconds. */
CHECKED enum status schema_check_indexes(
	struct database *db, struct arena *arena, struct table *missing);

/* The triggers of schema/notify.sql that the database lacks, or has disabled: a
 * row for each, with the name. */
CHECKED enum status schema_check_triggers(
	struct database *db, struct arena *arena, struct table *missing);

/* Asks for a page of nobody: STATUS_OK when pages can be served. */
CHECKED enum status schema_check_page(struct database *db, struct arena *arena);

/* Asks for pages by each statement that there is: whether the database has what
 * they name, and lets us read it. */
CHECKED enum status
schema_check_statements(struct database *db, struct arena *arena);

#endif
