#ifndef MY500_IDENTITY_H
#define MY500_IDENTITY_H

#include "my500/arena.h"
#include "my500/model.h"

struct memcached;
struct token_verifier;

/* Who asks: first what the token says, then what memcached and PostgreSQL
 * know of that user. */
struct identity {
	char user_id[USER_ID_MAX + 1];
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

/*
 * Asks memcached for the user.  STATUS_UNAUTHORIZED: known not to exist.
 * STATUS_NOT_FOUND and STATUS_UNAVAILABLE: PostgreSQL will tell.
 */
CHECKED enum status identity_recall(struct identity *identity,
	struct memcached *memcached, struct reason *why);

/*
 * Compares with the user's row, which has the last word: a change and a
 * deletion count at once, whatever memcached said.  STATUS_UNAUTHORIZED: there
 * is no such row.
 */
CHECKED enum status identity_confirm(struct identity *identity,
	const struct user *user, struct arena *arena, struct reason *why);

/* Tells memcached what identity_confirm() found new: best done once the answer
 * has been sent. */
void identity_remember(const struct identity *identity,
	struct memcached *memcached, int64_t life_s);

#endif
