#ifndef MY500_EXCHANGE_H
#define MY500_EXCHANGE_H

#include "my500/etag.h"
#include "my500/identity.h"
#include "my500/page_cache.h"
#include "my500/request.h"
#include "my500/response.h"
#include "my500/status.h"
#include "my500/timing.h"

struct services;
struct route;

/* What every path that we serve can be asked. */
#define EXCHANGE_ALLOW "GET, HEAD, OPTIONS"

/* One request and its answer, on their way through the endpoints. */
struct exchange {
	const struct request *request;
	const struct route *route; /* NULL: no such path */
	struct response response;
	struct timing timing;
	struct reason why; /* of a refusal */
	struct identity identity;
	const char *cache; /* "hit", "miss", "stale"; "off": no answer */
	struct page_params params;
	struct stamp stamp; /* what is stored is stored with this one */
	struct cached_page page;
	char etag[ETAG_BYTES]; /* of a page that is new */
	bool has_no_epoch;     /* in memcached: nobody hears of changes */
	bool is_cached;        /* the page comes from memcached */
	bool is_new;           /* it is to be stored there */
	struct total counted;  /* to be remembered; no snapshot: nothing is */
};

/* Answers `exchange->request`, whatever comes of it: afterwards the response
 * and the head in services->head are ready to be sent. */
void exchange_answer(struct services *services, struct exchange *exchange);

/* What is left to do once the answer has been sent: the log line, and what
 * is to be remembered for the next request. */
void exchange_finish(struct services *services, struct exchange *exchange);

#endif
