#include "config.h"

#include <assert.h>

#include "my500/page_plan.h"
#include "my500/place.h"
#include "my500/timestamp.h"

/* From here on it is cheaper to find the ids first (tests/bench). */
#define OFFSET_FAR 240

/* From here on a page of matches is soon met in the order of contacts, when it
 * is not far; below, all matches are soon found and sorted. */
#define TOTAL_DENSE 1000
#define DENSE_PART  25 /* not far: within one in so many of the matches */

static const struct place first_place = {
	.added_to_campaign = true,
	.warmness_score = INT32_MIN,
	.has_last_contacted = true,
	.last_contacted_us = TIMESTAMP_MINUS_INFINITY,
	.created_us = TIMESTAMP_INFINITY,
	.id = { "", 0 },
};

/* The parameters that the statements share, as text. */
struct texts {
	const char *user_id;
	const char *limit;
	const char *offset;
	const char *activities;
	const char *pattern; /* NULL: all contacts */
	const char *known;   /* the snapshot of known numbers, or NULL */
	const char *place[PLACE_PARAMETERS];
};

static const char *
number(struct arena *arena, int64_t value)
{
	return arena_printf(arena, "%lld", (long long)value);
}

/* A pattern of ILIKE that finds `q` anywhere (manual, 9.7.1 LIKE). */
static const char *
pattern_of(struct slice q, struct arena *arena)
{
	char *pattern = arena_alloc(arena, 2 * q.len + sizeof("%%")), *end;

	end = pattern;
	*end++ = '%';
	for (size_t i = 0; i < q.len; i++) {
		char c = q.ptr[i];

		if (c == '%' || c == '_' || c == '\\')
			*end++ = '\\';
		*end++ = c;
	}
	*end++ = '%';
	*end = '\0';
	return pattern;
}

static struct texts
write_texts(const struct page_params *params, const struct total *known,
	struct arena *arena)
{
	struct texts texts = {
		.user_id = params->user_id,
		.limit = number(arena, params->limit),
		.offset = number(arena, (params->page - 1) * params->limit),
		.activities = number(arena, params->activities),
	};

	if (params->q.len > 0)
		texts.pattern = pattern_of(params->q, arena);
	if (known->snapshot.ptr != NULL)
		texts.known = arena_copy(arena, known->snapshot);
	place_print(params->has_cursor ? &params->cursor.after : &first_place,
		arena, texts.place);
	return texts;
}

/* Adds a query, whose parameters are to be filled in; returns which it is. */
static int
add(struct page_plan *plan, struct query query)
{
	assert(plan->count < EXCHANGE_QUERIES_MAX);
	plan->queries[plan->count] = query;
	return plan->count++;
}

static void
add_page_by_offset(struct page_plan *plan, const struct texts *t)
{
	plan->contacts = add(plan,
		(struct query){ .statement = STATEMENT_page_contacts,
			.parameters = { t->user_id, t->limit, t->offset } });
	plan->activities = add(plan,
		(struct query){ .statement = STATEMENT_page_activities,
			.parameters = { t->user_id, t->limit, t->offset,
				t->activities } });
}

static void
add_found(struct page_plan *plan, int found, const struct texts *t)
{
	plan->found = found;
	plan->contacts = add(
		plan, (struct query){ .statement = STATEMENT_found_contacts });
	plan->activities = add(plan,
		(struct query){ .statement = STATEMENT_found_activities,
			.parameters = { t->activities } });
}

static struct query
find_page(const struct texts *t)
{
	return (struct query){ .statement = STATEMENT_find_page,
		.parameters = { t->user_id, t->limit, t->offset } };
}

static struct query
find_after(const struct texts *t)
{
	return (struct query){ .statement = STATEMENT_find_after,
		.parameters = { t->user_id, t->place[0], t->place[1],
			t->place[2], t->place[3], t->place[4], t->limit,
			t->pattern, t->offset } };
}

static struct query
search_after(const struct texts *t)
{
	return (struct query){ .statement = STATEMENT_search_after,
		.parameters = { t->user_id, t->place[0], t->place[1],
			t->place[2], t->place[3], t->place[4], t->limit,
			t->pattern } };
}

static struct query
search_contacts(const struct texts *t)
{
	return (struct query){ .statement = STATEMENT_search_contacts,
		.parameters = { t->user_id, t->pattern, t->limit, t->offset } };
}

static void
add_search_numbers(struct page_plan *plan, const struct texts *t)
{
	plan->user = add(plan,
		(struct query){ .statement = STATEMENT_search_user,
			.parameters = { t->user_id } });
	plan->total = add(plan,
		(struct query){ .statement = STATEMENT_search_count,
			.parameters = { t->user_id, t->pattern, t->known } });
}

bool
page_plan_is_dense(const struct total *total)
{
	return total->contacts >= TOTAL_DENSE;
}

/* Whether the page of matches is soon met in the order of contacts.  A number
 * that is known, if only from an earlier snapshot, is good enough for that. */
static bool
is_dense(const struct page_params *params, const struct total *known)
{
	if (params->has_cursor)
		return params->cursor.is_dense;
	return known->snapshot.ptr != NULL && page_plan_is_dense(known) &&
		params->page * params->limit <= known->contacts / DENSE_PART;
}

/* search_user has the statements behind it planned for their parameters, up to
 * and with the one that finds the contacts. */
static void
plan_search(struct page_plan *plan, const struct page_params *params,
	const struct total *known, const struct texts *t)
{
	int found;

	if (is_dense(params, known)) {
		add_found(plan, add(plan, find_after(t)), t);
		add_search_numbers(plan, t);
		return;
	}
	add_search_numbers(plan, t);
	found = add(plan,
		params->has_cursor ? search_after(t) : search_contacts(t));
	add_found(plan, found, t);
}

static void
plan_list(struct page_plan *plan, const struct page_params *params,
	const struct texts *t)
{
	if (params->has_cursor)
		add_found(plan, add(plan, find_after(t)), t);
	else if ((params->page - 1) * params->limit >= OFFSET_FAR)
		add_found(plan, add(plan, find_page(t)), t);
	else
		add_page_by_offset(plan, t);
	plan->user = add(plan,
		(struct query){ .statement = STATEMENT_page_summary,
			.parameters = { t->user_id, t->known } });
}

void
page_plan_make(struct page_plan *plan, const struct page_params *params,
	const struct total *known, struct arena *arena)
{
	const struct texts texts = write_texts(params, known, arena);

	*plan = (struct page_plan){ .found = -1, .total = -1 };
	if (texts.pattern != NULL)
		plan_search(plan, params, known, &texts);
	else
		plan_list(plan, params, &texts);
}
