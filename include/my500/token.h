#ifndef MY500_TOKEN_H
#define MY500_TOKEN_H

#include "my500/model.h"
#include "my500/slice.h"
#include "my500/status.h"

struct config;

/* Verifies tokens (contract, section 5) by the settings of one config, which
 * outlives it. */
struct token_verifier;

/*
 * Parses the key, the allow-list and the names of the claims once.
 * STATUS_INVALID with `why` (the setting's name and what is wrong) when they
 * do not fit together: no key at all, a short secret, an unknown algorithm, a
 * key of the wrong kind for the algorithms allowed.
 */
CHECKED enum status token_verifier_open(struct token_verifier **verifier,
	const struct config *config, struct reason *why);
void token_verifier_close(struct token_verifier **verifier);

/*
 * Checks `token` (the text after "Bearer ") as of `now_wall_s` and writes the
 * id of its user, NUL-terminated.  STATUS_UNAUTHORIZED with why->text, a short
 * error_description (RFC 6750: no quote, no backslash), for every bad one.
 */
CHECKED enum status
token_verify(struct token_verifier *verifier, struct slice token,
	int64_t now_wall_s, char user_id[USER_ID_MAX + 1], struct reason *why);

#endif
