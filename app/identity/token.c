#include "config.h"

#include <assert.h>
#include <jwt.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "my500/claims_json.h"
#include "my500/memory.h"
#include "my500/token.h"
#include "my500/token_policy.h"
#include "my500/verified_tokens.h"

/* What a header line holds at every web server; libjwt has no bound. */
#define TOKEN_BYTES_MAX 8192

#define WORD_CHARACTERS              \
	"ABCDEFGHIJKLMNOPQRSTUVWXYZ" \
	"abcdefghijklmnopqrstuvwxyz" \
	"0123456789-_"

struct token_verifier {
	struct token_policy policy;
	struct verified_tokens *verified;
	char text[TOKEN_BYTES_MAX + 1]; /* the token in hand, NUL-terminated */
};

enum status
token_verifier_open(struct token_verifier **verifier,
	const struct config *config, struct reason *why)
{
	struct token_verifier *v = memory_zeroed(1, sizeof(*v));
	enum status st = token_policy_open(&v->policy, config, why);

	v->verified = verified_tokens_open();
	if (st != STATUS_OK)
		token_verifier_close(&v);
	*verifier = v;
	return st;
}

void
token_verifier_close(struct token_verifier **verifier)
{
	if (*verifier == NULL)
		return;
	token_policy_close(&(*verifier)->policy);
	verified_tokens_close(&(*verifier)->verified);
	free(*verifier);
	*verifier = NULL;
}

static enum status
refuse(struct reason *why, const char *field, const char *description)
{
	enum status st = status_refuse(why, field, "%s", description);

	return st == STATUS_INVALID ? STATUS_UNAUTHORIZED : st;
}

/*
 * Three words of the base64url alphabet with dots between them.  Everything
 * else stays away from libjwt, which skips foreign characters and does not
 * survive an empty segment or a very long one.
 */
static bool
is_well_formed(struct slice token)
{
	struct slice rest = token, segment;
	size_t segments = 0;

	if (token.len > TOKEN_BYTES_MAX)
		return false;
	while (slice_split(&rest, '.', &segment)) {
		segments++;
		if (segment.len == 0 || segment.len % 4 == 1 ||
			!slice_consists_of(segment, WORD_CHARACTERS))
			return false;
	}
	return segments == 3;
}

static bool
header_has(jwt_t *jwt, const char *name)
{
	char *json = jwt_get_headers_json(jwt, name);
	bool has = json != NULL;

	free(json);
	return has;
}

/*
 * Picks the algorithm by the header's "alg": the only place where the token
 * has a say in it.  When a member stands twice, the last one counts, here as
 * in libjwt (RFC 7515, section 4, permits that).
 */
static enum status
choose_algorithm(const struct token_policy *policy, jwt_t *jwt,
	const struct algorithm **algorithm, struct reason *why)
{
	const char *type = jwt_get_header(jwt, "typ");

	*algorithm = token_policy_algorithm(policy, jwt_get_header(jwt, "alg"));
	if (*algorithm == NULL)
		return refuse(why, "alg", "the algorithm is not allowed");
	/* A must of RFC 7515, 4.1.11; we understand no extension. */
	if (header_has(jwt, "crit"))
		return refuse(why, "crit", "the token uses an extension");
	/* libjwt 1.10 insists on this type, later versions do not. */
	if (type == NULL ? header_has(jwt, "typ")
			 : strcasecmp(type, "JWT") != 0)
		return refuse(why, "typ", "the token is not of the type JWT");
	return STATUS_OK;
}

/* Puts the verified token in the place of the one that was only decoded. */
static bool
verify_hmac(const struct token_verifier *v, const struct algorithm *algorithm,
	jwt_t **jwt)
{
	struct slice secret = v->policy.secret;
	jwt_t *verified = NULL;

	/* With an empty key libjwt verifies nothing. */
	assert(secret.len > 0);
	if (jwt_decode(&verified, v->text, (const unsigned char *)secret.ptr,
		    (int)secret.len) != 0)
		return false;
	jwt_free(*jwt);
	*jwt = verified;
	return jwt_get_alg(verified) == jwt_str_alg(algorithm->name);
}

static bool
verify_public(const struct token_verifier *v, const struct algorithm *algorithm)
{
	const char *dot = strrchr(v->text, '.');
	struct slice signed_text;

	assert(dot != NULL); /* is_well_formed() saw to it */
	signed_text = (struct slice){ v->text, (size_t)(dot - v->text) };
	return public_key_verify(v->policy.key, algorithm->hash_bits,
		signed_text, slice_of(dot + 1));
}

/* The token that v->text holds, its signature verified; else NULL. */
static enum status
decode(const struct token_verifier *v, jwt_t **jwt, struct reason *why)
{
	const struct algorithm *algorithm;
	bool verified;
	enum status st;

	/* Without a key: takes it apart and verifies nothing yet. */
	if (jwt_decode(jwt, v->text, NULL, 0) != 0)
		return refuse(why, "token", "the token is malformed");
	st = choose_algorithm(&v->policy, *jwt, &algorithm, why);
	if (st != STATUS_OK)
		return st;
	verified = algorithm->family == FAMILY_HMAC
		? verify_hmac(v, algorithm, jwt)
		: verify_public(v, algorithm);
	if (!verified)
		return refuse(why, "token", "the signature does not match");
	return STATUS_OK;
}

static enum status
open_claims(struct token_verifier *v, struct slice token,
	struct claims **claims, struct reason *why)
{
	jwt_t *jwt = NULL;
	char *json = NULL;
	enum status st;

	if (!is_well_formed(token))
		return refuse(why, "token", "the token is malformed");
	memcpy(v->text, token.ptr, token.len);
	v->text[token.len] = '\0';
	st = decode(v, &jwt, why);
	if (st != STATUS_OK)
		goto out;
	json = jwt_get_grants_json(jwt, NULL);
	if (claims_open(claims, slice_of(json)) != STATUS_OK)
		st = refuse(why, "token", "the token is malformed");
out:
	free(json);
	jwt_free(jwt);
	return st;
}

struct period {
	int64_t from_s;
	int64_t until_s;
};

/* A claim that is not there leaves `seconds` as it is. */
static enum status
read_date(const struct claims *claims, const char *name, int64_t *seconds,
	struct reason *why)
{
	if (claims_number(claims, name, seconds) == CLAIM_WRONG_TYPE)
		return refuse(why, name, "a date in the token is malformed");
	return STATUS_OK;
}

/* Also tells from when until when they are good. */
static enum status
check_dates(const struct claims *claims, int64_t leeway_s, int64_t now_s,
	struct period *good, struct reason *why)
{
	int64_t exp = 0, nbf = now_s, iat = now_s;
	enum status st;

	if (!claims_has(claims, "exp"))
		return refuse(why, "exp", "the token has no expiry");
	if ((st = read_date(claims, "exp", &exp, why)) != STATUS_OK ||
		(st = read_date(claims, "nbf", &nbf, why)) != STATUS_OK ||
		(st = read_date(claims, "iat", &iat, why)) != STATUS_OK)
		return st;
	if (now_s >= exp + leeway_s)
		return refuse(why, "exp", "the token has expired");
	if (now_s < nbf - leeway_s)
		return refuse(why, "nbf", "the token is not valid yet");
	if (now_s < iat - leeway_s)
		return refuse(why, "iat", "the token is from the future");
	*good = (struct period){ (nbf > iat ? nbf : iat) - leeway_s,
		exp + leeway_s };
	return STATUS_OK;
}

static enum status
check_parties(const struct claims *claims, const struct token_policy *policy,
	struct reason *why)
{
	if (policy->issuer.len > 0 &&
		!slice_equals(claims_text(claims, "iss"), policy->issuer))
		return refuse(why, "iss", "the issuer is not ours");
	if (policy->audience.len > 0 &&
		!claims_list_contains(claims, "aud", policy->audience))
		return refuse(why, "aud", "the audience is not ours");
	return STATUS_OK;
}

static enum status
read_user_id(const struct claims *claims, const struct token_policy *policy,
	char user_id[USER_ID_MAX + 1], struct reason *why)
{
	for (size_t i = 0; i < policy->user_claims_count; i++) {
		struct slice id = claims_text(claims, policy->user_claims[i]);

		if (id.len == 0 || id.len > USER_ID_MAX ||
			!slice_consists_of(id, WORD_CHARACTERS))
			continue;
		memcpy(user_id, id.ptr, id.len);
		user_id[id.len] = '\0';
		return STATUS_OK;
	}
	return refuse(why, policy->user_claims[0], "the token names no user");
}

enum status
token_verify(struct token_verifier *verifier, struct slice token,
	int64_t now_wall_s, char user_id[USER_ID_MAX + 1], struct reason *why)
{
	const struct token_policy *policy = &verifier->policy;
	struct claims *claims = NULL;
	struct period good = { 0, 0 };
	enum status st;

	if (verified_tokens_find(
		    verifier->verified, token, now_wall_s, user_id))
		return STATUS_OK;
	st = open_claims(verifier, token, &claims, why);
	if (st == STATUS_OK)
		st = check_dates(
			claims, policy->leeway_s, now_wall_s, &good, why);
	if (st == STATUS_OK)
		st = check_parties(claims, policy, why);
	if (st == STATUS_OK)
		st = read_user_id(claims, policy, user_id, why);
	if (st == STATUS_OK)
		verified_tokens_add(verifier->verified, token, good.from_s,
			good.until_s, user_id);
	claims_close(&claims);
	return st;
}
