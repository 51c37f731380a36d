#include "config.h"

#include <assert.h>

#include "my500/cursor.h"
#include "my500/iso8601.h"
#include "my500/json_text.h"
#include "my500/page_json.h"

/* A column's kind and its key, ready to be written. */
struct column {
	enum column_kind kind;
	struct slice key;
};

#define KEY(name)                                                \
	{                                                        \
		",\"" #name "\":", sizeof(",\"" #name "\":") - 1 \
	}

static const struct column contact_columns[] = {
#define COLUMN(kind, name) { COLUMN_##kind, KEY(name) },
#include "my500/contact.def"
#undef COLUMN
};

static const struct column activity_columns[] = {
#define COLUMN(kind, name) { COLUMN_##kind, KEY(name) },
#include "my500/activity.def"
#undef COLUMN
};

static const struct slice *
row_of(const struct table *table, size_t row)
{
	return table->cells + row * table->columns;
}

static void
add_value(struct buffer *out, enum column_kind kind, struct slice cell)
{
	if (cell.ptr == NULL) {
		buffer_add(out, "null", 4);
		return;
	}
	switch (kind) {
	case COLUMN_TEXT:
		json_add_string(out, cell);
		break;
	case COLUMN_INTEGER: /* PostgreSQL's digits are JSON's */
		buffer_add_slice(out, cell);
		break;
	case COLUMN_BOOLEAN:
		buffer_add_text(out, cell.ptr[0] == 't' ? "true" : "false");
		break;
	case COLUMN_TIMESTAMP:
		iso8601_add(out, cell);
		break;
	}
}

/* The members of an object, without its closing brace. */
static void
add_members(struct buffer *out, const struct column *columns, size_t count,
	const struct slice *cells)
{
	buffer_add_char(out, '{');
	for (size_t i = 0; i < count; i++) {
		size_t comma = i == 0 ? 1 : 0;

		buffer_add(out, columns[i].key.ptr + comma,
			columns[i].key.len - comma);
		add_value(out, columns[i].kind, cells[i]);
	}
}

static bool
belongs_to(const struct slice *activity, const struct slice *contact)
{
	return slice_equals(activity[ACTIVITY_contactId], contact[CONTACT_id]);
}

/*
 * Adds the activities of `contact`.  They come contact by contact in the
 * page's order, by the plan though not by promise: `next` is where the next
 * contact's should begin, and when not all rows were met that way,
 * page_json_add() starts anew with `next` NULL, which looks at every row.
 */
static void
add_activities(struct buffer *out, const struct table *activities,
	const struct slice *contact, size_t *next)
{
	size_t from = next == NULL ? 0 : *next;
	const char *comma = "";

	buffer_add_text(out, ",\"activities\":[");
	for (size_t i = from; i < activities->rows; i++) {
		const struct slice *activity = row_of(activities, i);

		if (!belongs_to(activity, contact)) {
			if (next != NULL)
				break;
			continue;
		}
		buffer_add_text(out, comma);
		add_members(out, activity_columns, ACTIVITY_COLUMNS, activity);
		buffer_add_char(out, '}');
		comma = ",";
		if (next != NULL)
			*next = i + 1;
	}
	buffer_add_char(out, ']');
}

static void
add_contacts(struct buffer *out, const struct page *page, size_t *next)
{
	for (size_t i = 0; i < page->contacts.rows; i++) {
		const struct slice *contact = row_of(&page->contacts, i);

		if (i > 0)
			buffer_add_char(out, ',');
		add_members(out, contact_columns, CONTACT_COLUMNS, contact);
		add_activities(out, &page->activities, contact, next);
		buffer_add_char(out, '}');
	}
}

static const char *
boolean(bool value)
{
	return value ? "true" : "false";
}

static void
add_cursor(struct buffer *out, const struct page *page,
	const struct page_params *params)
{
	if (!page->has_cursor) {
		buffer_add_text(out, "null");
		return;
	}
	buffer_add_char(out, '"');
	cursor_add(out, params, &page->cursor);
	buffer_add_char(out, '"');
}

static void
add_pagination(struct buffer *out, const struct page *page,
	const struct page_params *params)
{
	int64_t total = page->total.contacts;

	buffer_add_text(out, "],\"pagination\":{\"page\":");
	if (params->has_cursor)
		buffer_add_text(out, "null");
	else
		buffer_add_int(out, params->page);
	buffer_printf(out,
		",\"limit\":%lld,\"total\":%lld,\"totalPages\":%lld,"
		"\"hasNext\":%s,\"hasPrev\":%s,\"hasMore\":%s,"
		"\"nextCursor\":",
		(long long)params->limit, (long long)total,
		(long long)((total + params->limit - 1) / params->limit),
		boolean(page->has_next),
		boolean(params->has_cursor || params->page > 1),
		boolean(page->has_next));
	add_cursor(out, page, params);
	buffer_add_char(out, '}');
}

static void
add_sync_status(struct buffer *out, const struct page *page)
{
	struct slice status = page->user.cells[USER_syncStatus];

	buffer_add_text(out, ",\"syncStatus\":{\"status\":");
	json_add_string(out, status);
	buffer_add_text(out, ",\"lastSync\":");
	iso8601_add(out, page->user.cells[USER_lastSyncTimestamp]);
	buffer_printf(out,
		",\"totalContacts\":%lld,\"syncedContacts\":%lld,"
		"\"pendingSync\":%s,\"syncInProgress\":%s}}",
		(long long)page->total.contacts, (long long)page->total.synced,
		boolean(page->total.synced < page->total.contacts),
		boolean(slice_equals_text(status, "IN_PROGRESS")));
}

static void
add_search_stats(struct buffer *out, const struct page *page,
	const struct page_params *params)
{
	buffer_add_text(out, ",\"searchStats\":{\"query\":");
	json_add_string(out, params->q.ptr == NULL ? slice_of("") : params->q);
	buffer_printf(
		out, ",\"totalResults\":%lld", (long long)page->total.contacts);
}

void
page_json_add(struct buffer *out, const struct page *page,
	const struct page_params *params)
{
	size_t next = 0;

	assert(page->contacts.columns == CONTACT_COLUMNS);
	assert(page->activities.columns == ACTIVITY_COLUMNS);
	buffer_add_text(out, "{\"contacts\":[");
	size_t start = out->len;
	add_contacts(out, page, &next);
	if (next != page->activities.rows) {
		out->len = start;
		add_contacts(out, page, NULL);
	}
	add_pagination(out, page, params);
	if (params->is_search)
		add_search_stats(out, page, params);
	else
		add_sync_status(out, page);
}

void
page_json_add_end(
	struct buffer *out, const struct page_params *params, int64_t search_us)
{
	if (!params->is_search)
		return;
	buffer_add_text(out, ",\"searchTime\":");
	json_add_ms(out, search_us);
	buffer_add_text(out, "}}");
}
