#ifndef MY500_VERIFIED_TOKENS_H
#define MY500_VERIFIED_TOKENS_H

#include <stdbool.h>
#include <stdint.h>

#include "my500/model.h"
#include "my500/slice.h"

/*
 * Tokens that have been verified by the settings in force, and whose they are:
 * the client sends the same one with each request, and to verify it again
 * would be one of the dearest steps of a cached page.  Kept are digests, no
 * tokens; of the newest ones only.
 */
struct verified_tokens;

struct verified_tokens *verified_tokens_open(void);
void verified_tokens_close(struct verified_tokens **tokens);

/* Whether this very token has been verified, and is valid at `now_s`; then
 * `user_id` is written, NUL-terminated. */
bool verified_tokens_find(const struct verified_tokens *tokens,
	struct slice token, int64_t now_s, char user_id[USER_ID_MAX + 1]);

/* Keeps one that is valid from `from_s` until before `until_s`. */
void verified_tokens_add(struct verified_tokens *tokens, struct slice token,
	int64_t from_s, int64_t until_s, const char *user_id);

#endif
