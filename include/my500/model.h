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
#define QUERY_MAX      200 /* characters */

/* A place in the order of contacts (contract 1.3): that of the contact with
 * these values.  Timestamps as in timestamp.h. */
struct place {
	bool added_to_campaign;
	int32_t warmness_score;
	bool has_last_contacted;
	int64_t last_contacted_us;
	int64_t created_us;
	struct slice id;
};

/* Where a page goes on (contract 1.1, `cursor`). */
struct cursor {
	struct place after;
	bool is_dense; /* so many contacts match that a page is soon full */
};

/* What is asked of a page: by the caller, and (contract 1.1) the client. */
struct page_params {
	const char *user_id;
	bool is_search;
	int64_t page;
	int64_t limit;
	int64_t activities;
	struct slice q; /* of a search; empty: no restriction */
	bool has_cursor;
	struct cursor cursor;
	struct slice cursor_text; /* as the client gave it */
};

/* A user's row, as far as we may know it, by USER_…; timestamps as PostgreSQL
 * writes them.  cells[USER_id] is absent when there is no such user. */
struct user {
	struct slice cells[USER_COLUMNS];
};

/*
 * Numbers that hold as long as PostgreSQL's snapshot is this one, so that they
 * need not be counted again.
 */
struct total {
	struct slice snapshot; /* absent: there are none such */
	int64_t contacts;
	int64_t synced; /* not of a search */
	/* of a search with few matches their ids, as PostgreSQL writes an
	 * array; else absent */
	struct slice matches;
};

/* All that a page is made of, from one snapshot of the database. */
struct page {
	struct table contacts;
	struct table activities;
	struct user user;
	struct total total;
	bool has_next;
	bool has_cursor;
	struct cursor cursor; /* of the page that follows */
};

#endif
