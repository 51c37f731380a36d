#ifndef MY500_DATABASE_URL_H
#define MY500_DATABASE_URL_H

#include <stdbool.h>

#include "my500/arena.h"
#include "my500/buffer.h"
#include "my500/status.h"

struct _PQconninfoOption;

/*
 * Where the database is: libpq's options, and what Prisma writes into the
 * query part of the same URL (Prisma documentation, "PostgreSQL connection
 * URL"), of which libpq would refuse every word.
 */
struct database_url {
	struct _PQconninfoOption *options; /* libpq's, owned */
	const char *schema;                /* "" when not named */
	bool is_pgbouncer;   /* pgbouncer=true: pooled by transaction */
	const char *dropped; /* names that mean nothing here, ", " between */
};

/*
 * `text` is a URL or a keyword string; `url` borrows from `arena`.
 * STATUS_INVALID with `why`, which never quotes the text: it holds a password.
 */
CHECKED enum status database_url_parse(struct database_url *url,
	const char *text, struct arena *arena, struct reason *why);
void database_url_release(struct database_url *url);

/* keyword=value words as they are in force, secrets as ***. */
void database_url_print(const struct database_url *url, struct buffer *out);

#endif
