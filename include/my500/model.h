#ifndef MY500_MODEL_H
#define MY500_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "my500/slice.h"

/* The plain structs that travel between the rooms. */

/* Kinds of column, by how they stand in JSON. */
enum column_kind {
	COLUMN_TEXT,
	COLUMN_INTEGER,
	COLUMN_BOOLEAN,
	COLUMN_TIMESTAMP
};

/* Indexes of the columns of a contact, an activity and a user (contract 6). */
enum contact_column {
#define COLUMN(kind, name) CONTACT_##name,
#include "my500/contact.def"
#undef COLUMN
	CONTACT_COLUMNS
};

enum activity_column {
#define COLUMN(kind, name) ACTIVITY_##name,
#include "my500/activity.def"
#undef COLUMN
	ACTIVITY_COLUMNS
};

enum user_column {
#define COLUMN(kind, name) USER_##name,
#include "my500/user.def"
#undef COLUMN
	USER_COLUMNS
};

/* Rows as PostgreSQL sent them, in its text format; NULL is the absent slice.
 * Cell (row, column) is cells[row * columns + column]. */
struct table {
	const struct slice *cells;
	size_t rows;
	size_t columns;
};

#define USER_ID_MAX    64
#define LIMIT_MAX      100
#define PAGE_MAX       1000000
#define ACTIVITIES_MAX 20

/* What a client may ask of a page (contract 1.1). */
struct page_params {
	int64_t page;
	int64_t limit;
	int64_t activities;
};

/* A user's row, as far as we may know it, by USER_…; timestamps as PostgreSQL
 * writes them.  cells[USER_id] is absent when there is no such user. */
struct user {
	struct slice cells[USER_COLUMNS];
};

/* All that a page is made of, from one snapshot of the database. */
struct page {
	struct table contacts;
	struct table activities;
	struct user user;
	int64_t total;
	int64_t synced;
};

#endif
