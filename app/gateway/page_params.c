#include "config.h"

#include "my500/cursor.h"
#include "my500/page_params.h"
#include "my500/percent.h"

#define LIMIT_DEFAULT      20
#define ACTIVITIES_DEFAULT 5

enum kind {
	KIND_INTEGER,
	KIND_TEXT,
	KIND_CURSOR
};

/* One parameter: what it may be, and what it is. */
struct parameter {
	const char *name;
	enum kind kind;
	int64_t min;
	int64_t max;
	int64_t number;    /* the default, until there is a value */
	struct slice text; /* decoded; absent without a value */
	bool is_of_search; /* a list does not have it */
	bool is_met;
};

enum {
	PAGE,
	LIMIT,
	ACTIVITIES,
	CURSOR,
	Q,
	PARAMETERS
};

#define INTEGER(text, least, most, initial)                           \
	{                                                             \
		.name = (text), .kind = KIND_INTEGER, .min = (least), \
		.max = (most), .number = (initial)                    \
	}

static const struct parameter none_met[PARAMETERS] = {
	[PAGE] = INTEGER("page", 1, PAGE_MAX, 1),
	[LIMIT] = INTEGER("limit", 1, LIMIT_MAX, LIMIT_DEFAULT),
	[ACTIVITIES] = INTEGER(
		"activities", 0, ACTIVITIES_MAX, ACTIVITIES_DEFAULT),
	[CURSOR] = { .name = "cursor", .kind = KIND_CURSOR },
	[Q] = { .name = "q",
		.kind = KIND_TEXT,
		.max = QUERY_MAX,
		.is_of_search = true },
};

/* Bytes that begin a character; `text` is UTF-8. */
static int64_t
count_characters(struct slice text)
{
	int64_t characters = 0;

	for (size_t i = 0; i < text.len; i++)
		if (((unsigned char)text.ptr[i] & 0xc0) != 0x80)
			characters++;
	return characters;
}

static enum status
refuse(const struct parameter *p, struct reason *why)
{
	switch (p->kind) {
	case KIND_INTEGER:
		return status_refuse(why, p->name,
			"%s must be an integer from %lld to %lld", p->name,
			(long long)p->min, (long long)p->max);
	case KIND_TEXT:
		return status_refuse(why, p->name,
			"%s must be UTF-8 text of at most %lld characters, "
			"percent-encoded",
			p->name, (long long)p->max);
	case KIND_CURSOR:
		break;
	}
	return status_refuse(why, p->name,
		"%s must be the nextCursor of a page of the same list, "
		"unchanged, and not together with page",
		p->name);
}

static bool
is_in_range(struct parameter *p)
{
	switch (p->kind) {
	case KIND_INTEGER:
		return slice_parse_int(p->text, p->min, p->max, &p->number);
	case KIND_TEXT:
		return count_characters(p->text) <= p->max;
	case KIND_CURSOR:
		break; /* when all that it is bound to has been read */
	}
	return true;
}

/* Reads one name=value; the first of a repeated name counts, and a name that
 * is not in the table does not. */
static enum status
read_pair(struct parameter parameters[PARAMETERS], bool is_search,
	struct slice pair, struct arena *arena, struct reason *why)
{
	struct slice value = pair, encoded_name, name;

	if (!slice_split(&value, '=', &encoded_name) ||
		percent_decode(encoded_name, PERCENT_PLUS_IS_SPACE, arena,
			&name) != STATUS_OK)
		return STATUS_OK;
	for (size_t i = 0; i < PARAMETERS; i++) {
		struct parameter *p = &parameters[i];

		if (p->is_met || (p->is_of_search && !is_search) ||
			!slice_equals_text(name, p->name))
			continue;
		p->is_met = true;
		if (value.len == 0)
			return STATUS_OK; /* counts as absent */
		if (percent_decode(value, PERCENT_PLUS_IS_SPACE, arena,
			    &p->text) == STATUS_OK &&
			is_in_range(p))
			return STATUS_OK;
		return refuse(p, why);
	}
	return STATUS_OK;
}

static enum status
read_cursor(struct page_params *params, const struct parameter *parameters,
	struct arena *arena, struct reason *why)
{
	const struct parameter *cursor = &parameters[CURSOR];

	params->has_cursor = cursor->text.ptr != NULL;
	if (!params->has_cursor)
		return STATUS_OK;
	if (parameters[PAGE].text.ptr != NULL ||
		!cursor_read(cursor->text, arena, params))
		return refuse(cursor, why);
	params->cursor_text = cursor->text;
	return STATUS_OK;
}

enum status
page_params_read(struct page_params *params, struct slice query,
	struct arena *arena, struct reason *why)
{
	struct parameter parameters[PARAMETERS];
	enum status st = STATUS_OK;
	struct slice pair;

	for (size_t i = 0; i < PARAMETERS; i++)
		parameters[i] = none_met[i];
	while (st == STATUS_OK && slice_split(&query, '&', &pair))
		st = read_pair(parameters, params->is_search, pair, arena, why);
	params->page = parameters[PAGE].number;
	params->limit = parameters[LIMIT].number;
	params->activities = parameters[ACTIVITIES].number;
	params->q = parameters[Q].text;
	if (st != STATUS_OK)
		return st;
	return read_cursor(params, parameters, arena, why);
}
