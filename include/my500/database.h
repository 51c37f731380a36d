#ifndef MY500_DATABASE_H
#define MY500_DATABASE_H

#include <stdint.h>

#include "my500/arena.h"
#include "my500/buffer.h"
#include "my500/connection.h"
#include "my500/model.h"

struct config;

/*
 * The database as the rest of the program sees it: it is asked, and answers
 * or does not.  Connects when first asked; finds its way back by itself.
 */
struct database;

/* STATUS_INVALID with `why` when the URL makes no sense; does not connect. */
CHECKED enum status database_open(
	struct database **db, const struct config *config, struct reason *why);
void database_close(struct database **db);

/* Connects ahead of the first request; when that can't be done within a second
 * the first request will try again. */
void database_connect(struct database *db);

/*
 * Runs 1 to EXCHANGE_QUERIES_MAX queries in one round trip, all on one
 * snapshot, within MY500_DATABASE_TIMEOUT.  Asks once more on a new connection
 * when the old one turns out to be lost.  STATUS_UNAVAILABLE: no answer to be
 * had now.  STATUS_INTERNAL: PostgreSQL refused a statement.  Both are logged.
 * STATUS_INVALID: a parameter has characters that the database has not.
 */
CHECKED enum status
database_run(struct database *db, struct query *queries, int count);

/*
 * The answer to queries[i] of the last run, which has `columns` columns.  The
 * cells' text is borrowed until the next run, the table is in `arena`.
 */
struct table database_table(
	const struct database *db, int i, size_t columns, struct arena *arena);

/* Names of Prisma's URL parameters that mean nothing here, ", " between; "". */
const char *database_dropped_parameters(const struct database *db);

/* Where it is, with secrets as ***. */
void database_print(const struct database *db, struct buffer *out);

#endif
