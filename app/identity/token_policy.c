#include "config.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "my500/config.h"
#include "my500/memory.h"
#include "my500/token_policy.h"

#define SECRET_SETTING     "MY500_JWT_SECRET"
#define KEY_SETTING        "MY500_JWT_PUBLIC_KEY_FILE"
#define ALGORITHMS_SETTING "MY500_JWT_ALGORITHMS"
#define USER_CLAIM_SETTING "MY500_JWT_USER_CLAIM"

#define SECRET_BYTES_MIN 32
#define SECRET_BYTES_MAX 4096

static const struct algorithm algorithms[ALGORITHMS_MAX] = {
	{ "HS256", FAMILY_HMAC, 256, 0 },
	{ "HS384", FAMILY_HMAC, 384, 0 },
	{ "HS512", FAMILY_HMAC, 512, 0 },
	{ "RS256", FAMILY_RSA, 256, 0 },
	{ "RS384", FAMILY_RSA, 384, 0 },
	{ "RS512", FAMILY_RSA, 512, 0 },
	{ "ES256", FAMILY_ECDSA, 256, 32 },
	{ "ES384", FAMILY_ECDSA, 384, 48 },
	{ "ES512", FAMILY_ECDSA, 512, 66 },
};

static const struct algorithm *
find_algorithm(struct slice name)
{
	for (size_t i = 0; i < ALGORITHMS_MAX; i++)
		if (slice_equals_text(name, algorithms[i].name))
			return &algorithms[i];
	return NULL;
}

static enum status
read_secret(
	struct token_policy *policy, struct slice secret, struct reason *why)
{
	if (secret.len == 0)
		return STATUS_OK;
	if (secret.len < SECRET_BYTES_MIN || secret.len > SECRET_BYTES_MAX)
		return status_refuse(why, SECRET_SETTING,
			"it has %zu bytes; a secret has %d to %d", secret.len,
			SECRET_BYTES_MIN, SECRET_BYTES_MAX);
	/* Whoever knows a public key could sign with it as the secret. */
	if (strstr(secret.ptr, "-----BEGIN") != NULL)
		return status_refuse(why, SECRET_SETTING,
			"this is a PEM file, not a secret; a public key goes "
			"into " KEY_SETTING);
	policy->secret = secret;
	return STATUS_OK;
}

static enum status
read_key(struct token_policy *policy, const char *pem, struct reason *why)
{
	if (pem[0] == '\0' || public_key_open(&policy->key, pem) == STATUS_OK)
		return STATUS_OK;
	return status_refuse(why, KEY_SETTING,
		"it must hold one PEM block BEGIN PUBLIC KEY: RSA of 2048 to "
		"8192 bits, or EC on P-256, P-384 or P-521");
}

static const char *
default_algorithms(const struct token_policy *policy)
{
	if (policy->key == NULL)
		return "HS256";
	return policy->secret.len == 0 ? "RS256,ES256" : "HS256,RS256,ES256";
}

static bool
key_fits(const struct public_key *key, const struct algorithm *algorithm)
{
	switch (algorithm->family) {
	case FAMILY_HMAC:
		return false;
	case FAMILY_RSA:
		return public_key_kind(key) == SIGNATURE_RSA;
	case FAMILY_ECDSA:
		return public_key_kind(key) == SIGNATURE_ECDSA &&
			public_key_field_bytes(key) == algorithm->field_bytes;
	}
	return false;
}

static void
allow(struct token_policy *policy, const struct algorithm *algorithm)
{
	if (token_policy_algorithm(policy, algorithm->name) != NULL)
		return;
	assert(policy->allowed_count < ALGORITHMS_MAX);
	policy->allowed[policy->allowed_count++] = algorithm;
}

/* One entry of the allow-list.  `misfit` is set when the public key is of
 * another kind than the algorithm needs. */
static enum status
read_algorithm(struct token_policy *policy, struct slice name, bool *misfit,
	struct reason *why)
{
	const struct algorithm *algorithm = find_algorithm(name);

	if (name.len == 0)
		return status_refuse(
			why, ALGORITHMS_SETTING, "it has an empty entry");
	if (algorithm == NULL)
		return status_refuse(why, ALGORITHMS_SETTING,
			"%.*s is none of HS256 HS384 HS512 RS256 RS384 RS512 "
			"ES256 ES384 ES512",
			(int)(name.len > 32 ? 32 : name.len), name.ptr);
	if (algorithm->family == FAMILY_HMAC && policy->secret.len == 0)
		return status_refuse(why, ALGORITHMS_SETTING,
			"%s needs " SECRET_SETTING, algorithm->name);
	if (algorithm->family != FAMILY_HMAC && policy->key == NULL)
		return status_refuse(why, ALGORITHMS_SETTING,
			"%s needs " KEY_SETTING, algorithm->name);
	if (algorithm->family == FAMILY_HMAC ||
		key_fits(policy->key, algorithm))
		allow(policy, algorithm);
	else
		*misfit = true;
	return STATUS_OK;
}

static bool
uses_key(const struct token_policy *policy)
{
	for (size_t i = 0; i < policy->allowed_count; i++)
		if (policy->allowed[i]->family != FAMILY_HMAC)
			return true;
	return false;
}

static enum status
read_algorithms(
	struct token_policy *policy, struct slice list, struct reason *why)
{
	struct slice rest = list, name;
	bool misfit = false;
	enum status st;

	while (slice_split(&rest, ',', &name)) {
		st = read_algorithm(policy, slice_trim(name), &misfit, why);
		if (st != STATUS_OK)
			return st;
	}
	/* RS256,ES256 with either kind of key is fine: one of them fits. */
	if (misfit && !uses_key(policy))
		return status_refuse(why, ALGORITHMS_SETTING,
			"none of them fits the public key: RS* takes an RSA "
			"key, ES256 P-256, ES384 P-384, ES512 P-521");
	return STATUS_OK;
}

static enum status
read_user_claims(
	struct token_policy *policy, const char *list, struct reason *why)
{
	char *rest = policy->user_claims_text = memory_copy_text(list);
	const char *name;

	while ((name = strsep(&rest, ",")) != NULL) {
		if (name[0] == '\0' || name[strcspn(name, " \t")] != '\0')
			return status_refuse(why, USER_CLAIM_SETTING,
				"names of claims, separated by commas, without "
				"blanks or empty entries");
		if (policy->user_claims_count == USER_CLAIMS_MAX)
			return status_refuse(why, USER_CLAIM_SETTING,
				"more than %d names", USER_CLAIMS_MAX);
		policy->user_claims[policy->user_claims_count++] = name;
	}
	return STATUS_OK;
}

static enum status
read_settings(struct token_policy *policy, const struct config *config,
	struct reason *why)
{
	const char *list = config->jwt_algorithms;
	enum status st;

	st = read_secret(policy, slice_of(config->jwt_key), why);
	if (st == STATUS_OK)
		st = read_key(policy, config->jwt_public_key, why);
	if (st != STATUS_OK)
		return st;
	if (policy->secret.len == 0 && policy->key == NULL)
		return status_refuse(why, SECRET_SETTING,
			"set it, or MY500_JWT_SECRET_FILE, or " KEY_SETTING
			": tokens could not be verified");
	if (list[0] == '\0')
		list = default_algorithms(policy);
	st = read_algorithms(policy, slice_of(list), why);
	if (st == STATUS_OK)
		st = read_user_claims(policy, config->jwt_user_claim, why);
	return st;
}

enum status
token_policy_open(struct token_policy *policy, const struct config *config,
	struct reason *why)
{
	enum status st;

	*policy = (struct token_policy){
		.issuer = slice_of(config->jwt_issuer),
		.audience = slice_of(config->jwt_audience),
		.leeway_s = config->jwt_leeway_s,
	};
	st = read_settings(policy, config, why);
	if (st != STATUS_OK)
		token_policy_close(policy);
	return st;
}

void
token_policy_close(struct token_policy *policy)
{
	public_key_close(&policy->key);
	free(policy->user_claims_text);
	*policy = (struct token_policy){ .leeway_s = 0 };
}

const struct algorithm *
token_policy_algorithm(const struct token_policy *policy, const char *name)
{
	for (size_t i = 0; name != NULL && i < policy->allowed_count; i++)
		if (strcmp(name, policy->allowed[i]->name) == 0)
			return policy->allowed[i];
	return NULL;
}
