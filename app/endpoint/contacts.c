#include "config.h"

#include <poll.h>
#include <string.h>

#include "my500/clock.h"
#include "my500/config.h"
#include "my500/contact_store.h"
#include "my500/contacts.h"
#include "my500/etag.h"
#include "my500/exchange.h"
#include "my500/memcached.h"
#include "my500/metrics.h"
#include "my500/page_cache.h"
#include "my500/page_json.h"
#include "my500/page_params.h"
#include "my500/page_reply.h"
#include "my500/scoreboard.h"
#include "my500/services.h"
#include "my500/total_cache.h"
#include "my500/user_cache.h"

/* A list's numbers are remembered from here on, a search's always. */
#define COUNT_WORTH_KEEPING 1000

/* Who waits for another to read a page looks after 1, 2, 4, ... ms: 31 in all;
 * then it is quicker to read it too. */
#define WAIT_MAX_MS 16

/* What memcached is asked for, in one round trip. */
enum {
	ITEM_EPOCH,
	ITEM_GENERATION,
	ITEM_USER,
	ITEM_PAGE,
	ITEM_TOTAL,
	ITEMS
};

/* What it knew.  All borrows from the last answer. */
struct memory {
	struct memcached_item items[ITEMS];
	bool has_page; /* which counts only when it is fresh */
	bool is_fresh;
	struct cached_page page;
};

static bool
is_ttl(const struct services *s)
{
	return s->config->invalidation == INVALIDATION_TTL;
}

static void
choose_items(struct memory *memory, const struct exchange *x)
{
	stamp_ask_epoch(&memory->items[ITEM_EPOCH]);
	stamp_ask_generation(
		&memory->items[ITEM_GENERATION], x->identity.user_id);
	user_cache_ask(&memory->items[ITEM_USER], x->identity.user_id);
	page_cache_ask(&memory->items[ITEM_PAGE], &x->params);
	total_cache_ask(&memory->items[ITEM_TOTAL], &x->params);
}

/* Of a search the numbers may come with many ids: asked for when needed. */
static int
items_of(const struct exchange *x)
{
	return x->params.q.len > 0 ? ITEM_TOTAL : ITEMS;
}

/* Asks memcached for all that it may know.  False: there is no answer. */
static bool
ask(struct services *s, struct exchange *x, struct memory *memory)
{
	int64_t from_us = clock_now_us();
	enum status st;

	scoreboard_step(SCOREBOARD_STEP_cache);
	st = memcached_read(s->memcached, slice_of(x->identity.user_id),
		memory->items, items_of(x));
	metrics_observe(METRIC_cache_duration_seconds, METRICS_NONE,
		timing_add(&x->timing, PHASE_CACHE, from_us) - from_us);
	memory->has_page = memory->is_fresh = false;
	if (st != STATUS_OK)
		return false;
	x->stamp = is_ttl(s)
		? stamp_of_ttl
		: stamp_read(&memory->items[ITEM_EPOCH],
			  &memory->items[ITEM_GENERATION], clock_wall_us());
	memory->has_page = page_cache_read(
		&memory->items[ITEM_PAGE], x->identity.user_id, &memory->page);
	memory->is_fresh = memory->has_page &&
		stamp_agrees(&memory->page.stamp, &x->stamp);
	return true;
}

/* Keeps, for as long as the request lasts, what will be of use after memcached
 * has been asked again: also a page that counts no more is better than none. */
static void
keep(struct exchange *x, struct memory *memory, struct arena *arena)
{
	struct slice *kept[] = { &x->identity.cached, &memory->page.etag,
		&memory->page.data };
	int count = memory->has_page ? 3 : 1;

	for (int i = 0; i < count; i++)
		if (kept[i]->ptr != NULL)
			kept[i]->ptr = arena_copy(arena, *kept[i]);
}

/* Another worker reads this page already: waits a little for it.  False: it is
 * for this one to read. */
static bool
await_page(struct services *s, struct exchange *x, struct memory *memory)
{
	struct memory now = *memory;
	int64_t from_us = clock_now_us();
	bool is_ours = page_cache_claim(s->memcached, &x->params, &x->stamp);

	timing_add(&x->timing, PHASE_CACHE, from_us);
	for (int ms = 1; !is_ours && ms <= WAIT_MAX_MS; ms *= 2) {
		from_us = clock_now_us();
		(void)poll(NULL, 0, ms);
		timing_add(&x->timing, PHASE_CACHE, from_us);
		if (!ask(s, x, &now))
			break;
		if (now.is_fresh) {
			*memory = now;
			return true;
		}
	}
	memcpy(memory->items, now.items, sizeof(now.items));
	return false;
}

/* The numbers that need not be counted, if they still hold. */
static struct total
recall_total(struct services *s, struct exchange *x, struct memory *memory)
{
	struct memcached_item *item = &memory->items[ITEM_TOTAL];
	int64_t from_us = clock_now_us();
	enum status st = STATUS_OK;

	if (x->params.q.len > 0) {
		st = memcached_read(
			s->memcached, slice_of(x->identity.user_id), item, 1);
		timing_add(&x->timing, PHASE_CACHE, from_us);
	}
	return st == STATUS_OK && item->is_hit
		? total_cache_read(item->value)
		: (struct total){ .snapshot = { NULL, 0 } };
}

/* What remains to be done for a page that memcached does not have: sees to it
 * that it can be stored, and that not all read it at once.  True: now it has
 * the page. */
static bool
prepare_to_read(struct services *s, struct exchange *x, struct memory *memory)
{
	int64_t from_us = clock_now_us();

	keep(x, memory, s->arena);
	if (x->stamp.epoch[0] == '\0')
		return false;
	if (x->stamp.generation[0] == '\0') {
		stamp_begin_generation(
			&x->stamp, s->memcached, x->identity.user_id);
		timing_add(&x->timing, PHASE_CACHE, from_us);
	}
	return stamp_is_whole(&x->stamp) && await_page(s, x, memory);
}

static enum status
read_page(struct services *s, struct exchange *x, const struct total *known,
	struct page *page)
{
	int64_t from_us = clock_now_us();
	enum status st;

	scoreboard_step(SCOREBOARD_STEP_db);
	st = contact_store_read_page(
		s->database, &x->params, known, s->arena, page);
	timing_add(&x->timing, PHASE_DB, from_us);
	if (st == STATUS_INVALID)
		return status_refuse(&x->why,
			x->params.is_search ? "q" : "cursor",
			"%s has characters that the database can not hold",
			x->params.is_search ? "q" : "cursor");
	if (st != STATUS_OK)
		return st;
	if (!slice_equals(page->total.snapshot, known->snapshot) &&
		(x->params.q.len > 0 ||
			page->total.contacts >= COUNT_WORTH_KEEPING))
		x->counted = page->total;
	/* what can change without our being told must not be stored */
	if (page->total.snapshot.ptr == NULL && !is_ttl(s))
		x->stamp = (struct stamp){ "", "" };
	return identity_confirm(&x->identity, &page->user, s->arena, &x->why);
}

static void
encode_page(struct services *s, struct exchange *x, const struct page *page)
{
	int64_t from_us = clock_now_us();

	scoreboard_step(SCOREBOARD_STEP_encode);
	page_json_add(&s->data, page, &x->params);
	x->page = (struct cached_page){ .stamp = x->stamp,
		.data = buffer_slice(&s->data) };
	etag_make(x->page.data, x->etag);
	x->page.etag = slice_of(x->etag);
	x->is_new = stamp_is_whole(&x->stamp);
	timing_add(&x->timing, PHASE_ENCODE, from_us);
}

static void
take_cached(struct exchange *x, const struct memory *memory, const char *how)
{
	x->cache = how;
	x->page = memory->page;
	x->is_cached = true;
}

/* Reads the page from the database; or, when that is away, takes the one that
 * was true a while ago. */
static enum status
read_or_reuse(struct services *s, struct exchange *x, struct memory *memory,
	const struct total *known)
{
	struct page page;
	enum status st = read_page(s, x, known, &page);

	if (st == STATUS_UNAVAILABLE && memory->has_page) {
		take_cached(x, memory, "stale");
		return STATUS_OK;
	}
	if (st == STATUS_OK)
		encode_page(s, x, &page);
	return st;
}

/* Finds the page, wherever it is.  `params_st`: how its parameters were read.
 */
static enum status
find_page(struct services *s, struct exchange *x, enum status params_st)
{
	struct total known = { .snapshot = { NULL, 0 } };
	struct memory memory = { .has_page = false };
	enum status st = STATUS_OK;
	bool is_answered;

	choose_items(&memory, x);
	is_answered = ask(s, x, &memory);
	if (is_answered) {
		x->cache = "miss";
		x->has_no_epoch = x->stamp.epoch[0] == '\0';
		st = identity_recall(&x->identity, &memory.items[ITEM_USER],
			&x->stamp, &x->why);
	}
	/* only now: who is unknown is told no more */
	if (st == STATUS_OK)
		st = params_st;
	if (st != STATUS_OK)
		return st;
	if (is_answered && !memory.is_fresh && !prepare_to_read(s, x, &memory))
		known = recall_total(s, x, &memory);
	if (!memory.is_fresh)
		return read_or_reuse(s, x, &memory, &known);
	take_cached(x, &memory, "hit");
	return STATUS_OK;
}

/* What memcached was good for: the page, the user, the epoch. */
static void
count_uses(const struct services *s, const struct exchange *x)
{
	static const struct {
		const char *cache;
		enum metrics_cache_result result;
	} rows[] = {
		{ "hit", METRICS_CACHE_RESULT_hit },
		{ "miss", METRICS_CACHE_RESULT_miss },
		{ "stale", METRICS_CACHE_RESULT_stale },
		{ "off", METRICS_CACHE_RESULT_error },
	};
	int result = METRICS_CACHE_RESULT_error;

	if (!memcached_is_on(s->memcached))
		return;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (strcmp(x->cache, rows[i].cache) == 0)
			result = (int)rows[i].result;
	metrics_add(METRIC_cache,
		x->params.is_search ? METRICS_CACHE_KIND_search
				    : METRICS_CACHE_KIND_page,
		result, 1);
	if (result == METRICS_CACHE_RESULT_error)
		return;
	metrics_add(METRIC_cache, METRICS_CACHE_KIND_user,
		x->identity.is_recalled ? METRICS_CACHE_RESULT_hit
					: METRICS_CACHE_RESULT_miss,
		1);
	if (!is_ttl(s) && x->has_no_epoch)
		metrics_add(
			METRIC_epoch_missing, METRICS_NONE, METRICS_NONE, 1);
}

static enum status
answer(struct services *s, struct exchange *x)
{
	int64_t from_us = clock_now_us();
	enum status st;

	scoreboard_step(SCOREBOARD_STEP_auth);
	st = identity_verify(
		&x->identity, s->verifier, x->request->authorization, &x->why);
	timing_add(&x->timing, PHASE_AUTH, from_us);
	if (st != STATUS_OK)
		return st;
	x->params.user_id = x->identity.user_id;
	st = find_page(s, x,
		page_params_read(
			&x->params, x->request->query, s->arena, &x->why));
	count_uses(s, x);
	if (st == STATUS_OK)
		page_reply(s, x);
	return st;
}

enum status
contacts_answer(struct services *s, struct exchange *x)
{
	x->params = (struct page_params){ .is_search = false };
	return answer(s, x);
}

enum status
contacts_answer_search(struct services *s, struct exchange *x)
{
	x->params = (struct page_params){ .is_search = true };
	return answer(s, x);
}

void
contacts_remember(struct services *s, const struct exchange *x)
{
	identity_remember(
		&x->identity, s->memcached, &x->stamp, s->config->user_ttl_s);
	if (x->is_new)
		page_cache_write(s->memcached, &x->params, &x->page,
			s->config->page_ttl_s);
	if (x->counted.snapshot.ptr != NULL)
		total_cache_write(s->memcached, &x->params, &x->counted);
}
