#include "config.h"

#include <assert.h>

#include "my500/page_plan.h"
#include "my500/place.h"

/* From here on it is cheaper to find the ids first (tests/bench). */
#define OFFSET_FAR 240

/* So many matches, or so many times the contacts in front of the page's end,
 * are met soon in the order of all contacts: no ids are needed. */
#define MANY           1000
#define MANY_PER_PLACE 25

/* search_count.sql is asked for the ids of fewer matches than this, or than are
 * many: to take a page of them is cheaper than to meet it.  Not behind a
 * cursor, which would have to look at the contacts of all of them; behind one
 * that was given out when they were few, they may have become more. */
#define KEEP_BELOW       2000
#define KEEP_BELOW_AFTER 10000

/* The parameters that the statements share, as text. */
struct texts {
	const char *user_id;
	const char *limit;
	const char *offset;
	const char *activities;
	const char *pattern; /* NULL: all contacts */
	const char *place[PLACE_PARAMETERS];
	const char *known_snapshot; /* NULL: nothing is known, or of use */
	const char *known_total;
	const char *known_matches;
	const char *keep_below;
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

/* How many contacts are in front of the page's end. */
static int64_t
page_end(const struct page_params *params)
{
	return params->page * params->limit;
}

static bool
is_met_by_cursor(const struct page_params *params)
{
	return params->has_cursor && params->cursor.is_dense;
}

/* How many matches there must be to do without their ids; or `least`, if that
 * is more. */
static int64_t
many(const struct page_params *params, int64_t least)
{
	int64_t enough = page_end(params) * MANY_PER_PLACE;

	if (is_met_by_cursor(params))
		return 0;
	if (params->has_cursor)
		return KEEP_BELOW_AFTER;
	return enough > least ? enough : least;
}

/* A number is of no use to a search that needs the ids, too: counting again is
 * what finds them. */
static bool
is_of_use(const struct total *known, const struct page_params *params)
{
	return known->snapshot.ptr != NULL &&
		(params->q.len == 0 || known->matches.ptr != NULL ||
			known->contacts >= many(params, MANY));
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
		.keep_below = number(arena, many(params, KEEP_BELOW)),
	};

	if (params->q.len > 0)
		texts.pattern = pattern_of(params->q, arena);
	if (params->has_cursor)
		place_print(&params->cursor.after, arena, texts.place);
	if (is_of_use(known, params)) {
		texts.known_snapshot = arena_copy(arena, known->snapshot);
		texts.known_total = number(arena, known->contacts);
		if (known->matches.ptr != NULL && !is_met_by_cursor(params))
			texts.known_matches = arena_copy(arena, known->matches);
	}
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
	plan->contacts = add(plan,
		(struct query){ .statement = STATEMENT_found_contacts,
			.parameters = { t->user_id } });
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
			t->pattern } };
}

static struct query
search_contacts(const struct texts *t)
{
	return (struct query){ .statement = STATEMENT_search_contacts,
		.parameters = { t->user_id, t->pattern, t->limit, t->offset,
			t->place[0], t->place[1], t->place[2], t->place[3],
			t->place[4] } };
}

static void
add_search_numbers(struct page_plan *plan, const struct texts *t)
{
	plan->user = add(plan,
		(struct query){ .statement = STATEMENT_search_user,
			.parameters = { t->user_id, t->known_snapshot } });
	plan->total = add(plan,
		(struct query){ .statement = STATEMENT_search_count,
			.parameters = { t->user_id, t->pattern,
				t->known_snapshot, t->known_total,
				t->known_matches, t->keep_below } });
}

bool
page_plan_has_many_matches(
	const struct page_params *params, const struct total *total)
{
	return params->q.len > 0 && total->contacts >= MANY;
}

static void
plan_search(struct page_plan *plan, const struct page_params *params,
	const struct texts *t)
{
	if (is_met_by_cursor(params)) {
		add_found(plan, add(plan, find_after(t)), t);
		add_search_numbers(plan, t);
	} else {
		add_search_numbers(plan, t);
		add_found(plan, add(plan, search_contacts(t)), t);
	}
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
			.parameters = { t->user_id, t->known_snapshot } });
}

void
page_plan_make(struct page_plan *plan, const struct page_params *params,
	const struct total *known, struct arena *arena)
{
	const struct texts texts = write_texts(params, known, arena);

	*plan = (struct page_plan){ .found = PAGE_PLAN_NONE,
		.total = PAGE_PLAN_NONE };
	if (texts.pattern != NULL)
		plan_search(plan, params, &texts);
	else
		plan_list(plan, params, &texts);
}
