#include "config.h"

#include "my500/clock.h"
#include "my500/contact_store.h"
#include "my500/contacts.h"
#include "my500/exchange.h"
#include "my500/memcached.h"
#include "my500/page_json.h"
#include "my500/page_params.h"
#include "my500/page_reply.h"
#include "my500/services.h"
#include "my500/total_cache.h"
#include "my500/user_cache.h"

/* A list's numbers are remembered from here on, a search's always. */
#define COUNT_WORTH_KEEPING 1000

/* What memcached is asked for. */
enum {
	ITEM_USER,
	ITEM_TOTAL,
	ITEMS
};

/* Asks memcached for all that it may know, in one round trip. */
static enum status
recall(struct services *s, struct exchange *x, struct total *known)
{
	struct memcached_item items[ITEMS] = { 0 };
	int64_t from_us = clock_now_us();
	enum status st;

	user_cache_ask(&items[ITEM_USER], x->identity.user_id);
	total_cache_ask(&items[ITEM_TOTAL], &x->params);
	st = memcached_read(
		s->memcached, slice_of(x->identity.user_id), items, ITEMS);
	timing_add(&x->timing, PHASE_CACHE, from_us);
	if (st != STATUS_OK)
		return STATUS_OK; /* PostgreSQL will tell */
	x->cache = "miss";        /* it answers, but keeps no pages yet */
	if (items[ITEM_TOTAL].is_hit)
		*known = total_cache_read(items[ITEM_TOTAL].value);
	return identity_recall(&x->identity, &items[ITEM_USER], &x->why);
}

static enum status
read_page(struct services *s, struct exchange *x, const struct total *known,
	struct page *page)
{
	int64_t from_us = clock_now_us();
	enum status st;

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
	return identity_confirm(&x->identity, &page->user, s->arena, &x->why);
}

static enum status
answer(struct services *s, struct exchange *x)
{
	struct total known = { .snapshot = { NULL, 0 } };
	struct page page;
	int64_t from_us = clock_now_us();
	enum status st, params_st;

	st = identity_verify(
		&x->identity, s->verifier, x->request->authorization, &x->why);
	timing_add(&x->timing, PHASE_AUTH, from_us);
	if (st != STATUS_OK)
		return st;
	x->params.user_id = x->identity.user_id;
	params_st = page_params_read(
		&x->params, x->request->query, s->arena, &x->why);
	st = recall(s, x, &known); /* first: who is unknown is told no more */
	if (st == STATUS_OK)
		st = params_st;
	/* a page cache belongs here: a page it has is replied at once */
	if (st == STATUS_OK)
		st = read_page(s, x, &known, &page);
	if (st != STATUS_OK)
		return st;
	from_us = clock_now_us();
	page_json_add(&s->data, &page, &x->params);
	timing_add(&x->timing, PHASE_ENCODE, from_us);
	page_reply(s, x);
	return STATUS_OK;
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
