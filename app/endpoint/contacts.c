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

/* Who asks, by the token and by what memcached remembers. */
static enum status
identify(struct services *s, struct exchange *x)
{
	int64_t from_us = clock_now_us();
	enum status st;

	st = identity_verify(
		&x->identity, s->verifier, x->request->authorization, &x->why);
	from_us = timing_add(&x->timing, PHASE_AUTH, from_us);
	if (st != STATUS_OK)
		return st;
	st = identity_recall(&x->identity, s->memcached, &x->why);
	timing_add(&x->timing, PHASE_CACHE, from_us);
	if (st != STATUS_UNAVAILABLE)
		x->cache = "miss"; /* it answers, but keeps no pages yet */
	/* unless it says no, PostgreSQL will tell */
	return st == STATUS_UNAUTHORIZED ? st : STATUS_OK;
}

static enum status
read_page(struct services *s, struct exchange *x,
	const struct page_params *params, struct page *page)
{
	int64_t from_us = clock_now_us();
	enum status st;

	st = contact_store_read_page(
		s->database, x->identity.user_id, params, s->arena, page);
	timing_add(&x->timing, PHASE_DB, from_us);
	if (st != STATUS_OK)
		return st;
	return identity_confirm(&x->identity, &page->user, s->arena, &x->why);
}

enum status
contacts_answer(struct services *s, struct exchange *x)
{
	struct page_params params;
	struct page page;
	int64_t from_us;
	enum status st;

	st = identify(s, x);
	if (st != STATUS_OK)
		return st;
	st = page_params_read(&params, x->request->query, s->arena, &x->why);
	if (st != STATUS_OK)
		return st;
	/* a page cache belongs here: a page it has is replied at once */
	st = read_page(s, x, &params, &page);
	if (st != STATUS_OK)
		return st;
	from_us = clock_now_us();
	page_json_add(&s->data, &page, &params);
	timing_add(&x->timing, PHASE_ENCODE, from_us);
	page_reply(s, x);
	return STATUS_OK;
}
