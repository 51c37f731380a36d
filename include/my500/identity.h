#ifndef MY500_IDENTITY_H
#define MY500_IDENTITY_H

#include "my500/arena.h"
#include "my500/model.h"

struct memcached;
struct memcached_item;
struct stamp;
struct token_verifier;

/* Who asks: first what the token says, then what memcached and PostgreSQL
 * know of that user. */
struct identity {
	char user_id[USER_ID_MAX + 1];
	bool is_recalled;      /* memcached knew */
	struct slice cached;   /* memcached's JSON; absent: it has none */
	struct slice to_store; /* for memcached; absent: nothing new */
};

/*
 * Reads the token out of an Authorization header and checks it.
 * STATUS_UNAUTHORIZED: why->text says what is wrong with the token, and is
 * empty when there is none.
 */
CHECKED enum status
identity_verify(struct identity *identity, struct token_verifier *verifier,
	struct slice authorization, struct reason *why);

/* Takes in what memcached knows (user_cache.h), if that still holds.
 * STATUS_UNAUTHORIZED: that there is no such user; else PostgreSQL
 * will tell. */
CHECKED enum status
identity_recall(struct identity *identity, const struct memcached_item *item,
	const struct stamp *now, struct reason *why);

/*
 * Compares with the user's row, which has the last word: a change and a
 * deletion count at once, whatever memcached said.  STATUS_UNAUTHORIZED: there
 * is no such row.
 */
CHECKED enum status identity_confirm(struct identity *identity,
	const struct user *user, struct arena *arena, struct reason *why);

/* Tells memcached what identity_confirm() found new, unless the stamp is not
 * whole: best done once the answer has been sent. */
void identity_remember(const struct identity *identity,
	struct memcached *memcached, const struct stamp *stamp, int64_t life_s);

#endif
