#ifndef MY500_TOKEN_POLICY_H
#define MY500_TOKEN_POLICY_H

#include "my500/signature.h"
#include "my500/slice.h"
#include "my500/status.h"

struct config;

enum algorithm_family {
	FAMILY_HMAC,
	FAMILY_RSA,
	FAMILY_ECDSA
};

/* A row of RFC 7518, 3.1. */
struct algorithm {
	const char *name; /* as "alg" has it, to the letter */
	enum algorithm_family family;
	int hash_bits;
	int field_bytes; /* ECDSA: of its one curve */
};

#define ALGORITHMS_MAX  9
#define USER_CLAIMS_MAX 8

/* Which tokens we believe: the settings, checked and ready for use.  An
 * algorithm is allowed only together with its own kind of key. */
struct token_policy {
	const struct algorithm *allowed[ALGORITHMS_MAX];
	size_t allowed_count;
	struct slice secret; /* absent without one; borrowed from the config */
	struct public_key *key;                   /* NULL without one */
	const char *user_claims[USER_CLAIMS_MAX]; /* in the order to be tried */
	size_t user_claims_count;
	char *user_claims_text; /* what they point into */
	struct slice issuer;    /* empty: any; borrowed from the config */
	struct slice audience;  /* empty: any; borrowed from the config */
	int64_t leeway_s;
};

/* STATUS_INVALID with `why`: see token_verifier_open(). */
CHECKED enum status token_policy_open(struct token_policy *policy,
	const struct config *config, struct reason *why);
void token_policy_close(struct token_policy *policy);

/* NULL when `name` (NULL: the header has none) is not allowed. */
const struct algorithm *
token_policy_algorithm(const struct token_policy *policy, const char *name);

#endif
