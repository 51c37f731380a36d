#include "config.h"

#include <jwt.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "../support/jws.h"
#include "my500/buffer.h"
#include "my500/config.h"
#include "my500/token.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define SECRET "0123456789abcdef0123456789abcdef"
#define NOW    INT64_C(1800000000)
#define USER   "cuser0001"
#define EXP    "\"exp\":1800000060"
#define HEADER "{\"alg\":\"HS256\",\"typ\":\"JWT\"}"
#define BODY   "{\"userId\":\"" USER "\"," EXP "}"

#define TEN   "0123456789"
#define SIXTY TEN TEN TEN TEN TEN TEN

/* Descriptions of a refusal. */
#define MALFORMED "the token is malformed"
#define ALGORITHM "the algorithm is not allowed"
#define SIGNATURE "the signature does not match"
#define DATE      "a date in the token is malformed"
#define EXPIRED   "the token has expired"
#define EARLY     "the token is not valid yet"
#define FUTURE    "the token is from the future"
#define NO_USER   "the token names no user"

static const struct jws_signer hs256 = { SECRET, NULL, "SHA256" };

/* Made once: RSA keys take their time. */
static struct {
	EVP_PKEY *rsa, *other_rsa, *p256, *p384, *p521;
	char *rsa_pem, *p256_pem, *p384_pem, *p521_pem;
} keys;

static int
make_keys(void **state)
{
	(void)state;
	keys.rsa = EVP_RSA_gen(2048u);
	keys.other_rsa = EVP_RSA_gen(2048u);
	keys.p256 = EVP_EC_gen("P-256");
	keys.p384 = EVP_EC_gen("P-384");
	keys.p521 = EVP_EC_gen("P-521");
	keys.rsa_pem = jws_pem(keys.rsa, 0);
	keys.p256_pem = jws_pem(keys.p256, 0);
	keys.p384_pem = jws_pem(keys.p384, 0);
	keys.p521_pem = jws_pem(keys.p521, 0);
	return 0;
}

static int
drop_keys(void **state)
{
	(void)state;
	EVP_PKEY_free(keys.rsa);
	EVP_PKEY_free(keys.other_rsa);
	EVP_PKEY_free(keys.p256);
	EVP_PKEY_free(keys.p384);
	EVP_PKEY_free(keys.p521);
	free(keys.rsa_pem);
	free(keys.p256_pem);
	free(keys.p384_pem);
	free(keys.p521_pem);
	return 0;
}

static struct config
settings(const char *secret, const char *pem, const char *algorithms)
{
	return (struct config){
		.jwt_key = secret,
		.jwt_public_key = pem,
		.jwt_algorithms = algorithms,
		.jwt_issuer = "",
		.jwt_audience = "",
		.jwt_leeway_s = 30,
		.jwt_user_claim = "userId,sub,id",
	};
}

static struct token_verifier *
open_with(const struct config *config)
{
	struct token_verifier *verifier;
	struct reason why;

	if (token_verifier_open(&verifier, config, &why) != STATUS_OK)
		fail_msg("%s: %s", why.field, why.text);
	assert_non_null(verifier);
	return verifier;
}

/* RFC 6750: neither quotes nor backslashes nor control characters. */
static void
check_description(const char *name, const struct reason *why)
{
	for (const char *c = why->text; *c != '\0'; c++)
		if (*c < ' ' || *c > '~' || *c == '"' || *c == '\\')
			fail_msg("%s: %s", name, why->text);
}

static void
expect_once(struct token_verifier *verifier, const char *name,
	struct slice token, int64_t now_s, const char *want)
{
	char user_id[USER_ID_MAX + 1] = "untouched";
	struct reason why = { NULL, "" };
	enum status st = token_verify(verifier, token, now_s, user_id, &why);

	if (want == NULL) {
		if (st != STATUS_OK)
			fail_msg("%s: refused, %s", name, why.text);
		if (strcmp(user_id, USER) != 0)
			fail_msg("%s: user %s", name, user_id);
		return;
	}
	if (st != STATUS_UNAUTHORIZED)
		fail_msg("%s: status %d", name, (int)st);
	if (strcmp(why.text, want) != 0)
		fail_msg("%s: %s", name, why.text);
	if (strcmp(user_id, "untouched") != 0)
		fail_msg("%s: wrote a user", name);
	assert_non_null(why.field);
	check_description(name, &why);
}

/* `want`: what the refusal says, or NULL: it is USER's; also when it comes
 * again. */
static void
expect_slice(struct token_verifier *verifier, const char *name,
	struct slice token, int64_t now_s, const char *want)
{
	expect_once(verifier, name, token, now_s, want);
	expect_once(verifier, name, token, now_s, want);
}

/* Frees the token. */
static void
expect(struct token_verifier *verifier, const char *name, char *token,
	const char *want)
{
	expect_slice(verifier, name, slice_of(token), NOW, want);
	free(token);
}

struct algorithm_case {
	const char *name;
	jwt_alg_t id;
	struct jws_signer signer;
	const char *pem;
};

static const struct algorithm_case *
algorithm_cases(size_t *count)
{
	static struct algorithm_case cases[] = {
		{ "HS256", JWT_ALG_HS256, { SECRET, NULL, "SHA256" }, "" },
		{ "HS384", JWT_ALG_HS384, { SECRET, NULL, "SHA384" }, "" },
		{ "HS512", JWT_ALG_HS512, { SECRET, NULL, "SHA512" }, "" },
		{ "RS256", JWT_ALG_RS256, { NULL, NULL, "SHA256" }, NULL },
		{ "RS384", JWT_ALG_RS384, { NULL, NULL, "SHA384" }, NULL },
		{ "RS512", JWT_ALG_RS512, { NULL, NULL, "SHA512" }, NULL },
		{ "ES256", JWT_ALG_ES256, { NULL, NULL, "SHA256" }, NULL },
		{ "ES384", JWT_ALG_ES384, { NULL, NULL, "SHA384" }, NULL },
		{ "ES512", JWT_ALG_ES512, { NULL, NULL, "SHA512" }, NULL },
	};

	for (size_t i = 3; i < 6; i++) {
		cases[i].signer.key = keys.rsa;
		cases[i].pem = keys.rsa_pem;
	}
	cases[6].signer.key = keys.p256;
	cases[6].pem = keys.p256_pem;
	cases[7].signer.key = keys.p384;
	cases[7].pem = keys.p384_pem;
	cases[8].signer.key = keys.p521;
	cases[8].pem = keys.p521_pem;
	*count = COUNT(cases);
	return cases;
}

static struct config
settings_for(const struct algorithm_case *c, const char *algorithms)
{
	return settings(
		c->signer.secret == NULL ? "" : SECRET, c->pem, algorithms);
}

static char *
token_for(const struct algorithm_case *c)
{
	char header[64];

	snprintf(header, sizeof(header), "{\"alg\":\"%s\"}", c->name);
	return jws_token(&c->signer, header, BODY);
}

static void
accepts_each_algorithm_where_allowed(void **state)
{
	size_t count;
	const struct algorithm_case *cases = algorithm_cases(&count);

	(void)state;
	for (size_t i = 0; i < count; i++) {
		struct config config = settings_for(&cases[i], cases[i].name);
		struct token_verifier *verifier = open_with(&config);

		for (size_t k = 0; k < count; k++)
			expect(verifier, cases[k].name, token_for(&cases[k]),
				i == k ? NULL : ALGORITHM);
		token_verifier_close(&verifier);
		assert_null(verifier);
	}
}

static char *
token_by_libjwt(const struct algorithm_case *c)
{
	char *key = c->signer.secret != NULL ? strdup(SECRET)
					     : jws_pem(c->signer.key, 1);
	char *token;
	jwt_t *jwt;

	assert_int_equal(jwt_new(&jwt), 0);
	assert_int_equal(jwt_add_grant(jwt, "userId", USER), 0);
	assert_int_equal(jwt_add_grant_int(jwt, "exp", (long)NOW + 60), 0);
	assert_int_equal(jwt_set_alg(jwt, c->id, (const unsigned char *)key,
				 (int)strlen(key)),
		0);
	token = jwt_encode_str(jwt);
	assert_non_null(token);
	jwt_free(jwt);
	free(key);
	return token;
}

static void
accepts_what_libjwt_makes(void **state)
{
	size_t count;
	const struct algorithm_case *cases = algorithm_cases(&count);

	(void)state;
	for (size_t i = 0; i < count; i++) {
		struct config config = settings_for(&cases[i], cases[i].name);
		struct token_verifier *verifier = open_with(&config);

		expect(verifier, cases[i].name, token_by_libjwt(&cases[i]),
			NULL);
		token_verifier_close(&verifier);
	}
}

static void
has_defaults_for_each_kind_of_key(void **state)
{
	const struct {
		const char *name;
		const char *secret;
		const char *pem;
		const char *accepted; /* among HS256 HS384 RS256 RS384 ES256 */
	} cases[] = {
		{ "secret", SECRET, "", "HS256" },
		{ "RSA", "", keys.rsa_pem, "RS256" },
		{ "P-256", "", keys.p256_pem, "ES256" },
		{ "secret and RSA", SECRET, keys.rsa_pem, "HS256 RS256" },
		{ "secret and P-256", SECRET, keys.p256_pem, "HS256 ES256" },
	};
	size_t count;
	const struct algorithm_case *algorithms = algorithm_cases(&count);

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct config config = settings(
			cases[i].secret, cases[i].pem, "");
		struct token_verifier *verifier = open_with(&config);

		for (size_t k = 0; k < count; k++)
			expect(verifier, cases[i].name,
				token_for(&algorithms[k]),
				strstr(cases[i].accepted, algorithms[k].name)
					? NULL
					: ALGORITHM);
		token_verifier_close(&verifier);
	}
}

static void
refuses_settings_that_do_not_fit(void **state)
{
	const struct {
		const char *secret, *pem, *algorithms, *user_claim;
		const char *field, *text;
	} cases[] = {
		{ "", "", "", "sub", "MY500_JWT_SECRET", "set it" },
		{ "", "", "HS256", "sub", "MY500_JWT_SECRET", "set it" },
		{ "short", "", "", "sub", "MY500_JWT_SECRET", "5 bytes" },
		{ "0123456789abcdef0123456789abcde", "", "", "sub",
			"MY500_JWT_SECRET", "31 bytes" },
		{ keys.rsa_pem, "", "", "sub", "MY500_JWT_SECRET", "PEM" },
		{ "", SECRET, "", "sub", "MY500_JWT_PUBLIC_KEY_FILE", "PEM" },
		{ SECRET, "", "none", "sub", "MY500_JWT_ALGORITHMS", "none" },
		{ SECRET, "", "HS256,none", "sub", "MY500_JWT_ALGORITHMS",
			"none" },
		{ SECRET, "", "hs256", "sub", "MY500_JWT_ALGORITHMS", "hs256" },
		{ SECRET, "", "PS256", "sub", "MY500_JWT_ALGORITHMS", "PS256" },
		{ SECRET, "", "HS256,", "sub", "MY500_JWT_ALGORITHMS",
			"empty" },
		{ SECRET, "", ",", "sub", "MY500_JWT_ALGORITHMS", "empty" },
		{ SECRET, "", " ", "sub", "MY500_JWT_ALGORITHMS", "empty" },
		{ SECRET, "", "HS256,,HS512", "sub", "MY500_JWT_ALGORITHMS",
			"empty" },
		{ SECRET, "", "RS256", "sub", "MY500_JWT_ALGORITHMS",
			"MY500_JWT_PUBLIC_KEY_FILE" },
		{ SECRET, "", "HS256,ES256", "sub", "MY500_JWT_ALGORITHMS",
			"ES256 needs" },
		{ "", keys.rsa_pem, "HS256", "sub", "MY500_JWT_ALGORITHMS",
			"HS256 needs" },
		{ "", keys.rsa_pem, "ES256", "sub", "MY500_JWT_ALGORITHMS",
			"fits" },
		{ "", keys.p256_pem, "RS256", "sub", "MY500_JWT_ALGORITHMS",
			"fits" },
		{ "", keys.p384_pem, "ES256", "sub", "MY500_JWT_ALGORITHMS",
			"fits" },
		{ "", keys.p384_pem, "", "sub", "MY500_JWT_ALGORITHMS",
			"fits" },
		{ SECRET, keys.rsa_pem, "HS256,ES256", "sub",
			"MY500_JWT_ALGORITHMS", "fits" },
		{ SECRET, "", "", "", "MY500_JWT_USER_CLAIM", "names" },
		{ SECRET, "", "", "sub,", "MY500_JWT_USER_CLAIM", "names" },
		{ SECRET, "", "", "sub, id", "MY500_JWT_USER_CLAIM", "names" },
		{ SECRET, "", "", "a,b,c,d,e,f,g,h,i", "MY500_JWT_USER_CLAIM",
			"more than 8" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct config config = settings(
			cases[i].secret, cases[i].pem, cases[i].algorithms);
		struct token_verifier *verifier;
		struct reason why = { "", "" };

		config.jwt_user_claim = cases[i].user_claim;
		if (token_verifier_open(&verifier, &config, &why) !=
			STATUS_INVALID)
			fail_msg("case %zu passes", i);
		assert_null(verifier);
		if (strcmp(why.field, cases[i].field) != 0 ||
			strstr(why.text, cases[i].text) == NULL)
			fail_msg("case %zu: %s: %s", i, why.field, why.text);
		if (strstr(why.text, SECRET) != NULL)
			fail_msg("case %zu tells the secret", i);
	}
}

static void
accepts_settings_that_fit(void **state)
{
	const struct {
		const char *secret, *pem, *algorithms, *user_claim;
	} cases[] = {
		{ SECRET, "", "HS256, HS384 ,HS512", "sub" },
		{ SECRET, "", "HS256,HS256", "sub" },
		{ "", keys.rsa_pem, "RS256,ES256", "sub" },
		{ "", keys.p256_pem, "RS256,ES256", "sub" },
		{ "", keys.p521_pem, "ES512", "sub" },
		{ SECRET, keys.rsa_pem, "RS256", "sub" },
		{ SECRET, keys.rsa_pem, "HS512", "a,b,c,d,e,f,g,h" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct config config = settings(
			cases[i].secret, cases[i].pem, cases[i].algorithms);
		struct token_verifier *verifier;

		config.jwt_user_claim = cases[i].user_claim;
		verifier = open_with(&config);
		token_verifier_close(&verifier);
	}
}

static void
knows_a_token_no_longer_than_it_is_good(void **state)
{
	static const char body[] = "{\"sub\":\"" USER
				   "\",\"nbf\":1000,\"exp\":2000}";
	static const struct {
		int64_t now_s;
		const char *want;
	} steps[] = {
		{ 969, "the token is not valid yet" },
		{ 970, NULL },
		{ 2029, NULL },
		{ 2030, "the token has expired" },
		{ 969, "the token is not valid yet" },
		{ 1500, NULL },
	};
	struct config config = settings(SECRET, "", "");
	struct token_verifier *verifier = open_with(&config);
	char *token = jws_token(&hs256, HEADER, body);

	(void)state;
	for (size_t i = 0; i < COUNT(steps); i++)
		expect_slice(verifier, "steps", slice_of(token), steps[i].now_s,
			steps[i].want);
	free(token);
	token_verifier_close(&verifier);
}

static void
judges_headers(void **state)
{
	static const struct {
		const char *name, *header, *want;
	} cases[] = {
		{ "plain", HEADER, NULL },
		{ "no typ", "{\"alg\":\"HS256\"}", NULL },
		{ "typ jwt", "{\"alg\":\"HS256\",\"typ\":\"jwt\"}", NULL },
		{ "kid and others",
			"{\"alg\":\"HS256\",\"kid\":\"../../dev/null\","
			"\"jku\":\"http://localhost/\",\"jwk\":{}}",
			NULL },
		{ "the good alg last", "{\"alg\":\"none\",\"alg\":\"HS256\"}",
			NULL },
		{ "the bad alg last", "{\"alg\":\"HS256\",\"alg\":\"none\"}",
			ALGORITHM },
		{ "another alg last", "{\"alg\":\"HS256\",\"alg\":\"HS512\"}",
			ALGORITHM },
		{ "RS256 last", "{\"alg\":\"HS256\",\"alg\":\"RS256\"}",
			ALGORITHM },
		{ "none", "{\"alg\":\"none\"}", ALGORITHM },
		{ "no alg", "{\"typ\":\"JWT\"}", MALFORMED },
		{ "alg null", "{\"alg\":null}", MALFORMED },
		{ "alg number", "{\"alg\":256}", MALFORMED },
		{ "alg array", "{\"alg\":[\"HS256\"]}", MALFORMED },
		{ "alg empty", "{\"alg\":\"\"}", MALFORMED },
		{ "alg in a crowd", "{\"alg\":\"HS256 \"}", MALFORMED },
		{ "alg with NUL", "{\"alg\":\"HS256\\u0000\"}", MALFORMED },
		{ "name with NUL", "{\"alg\\u0000\":\"HS256\"}", MALFORMED },
		{ "unknown", "{\"alg\":\"XX256\"}", MALFORMED },
		{ "crit", "{\"alg\":\"HS256\",\"crit\":[\"exp\"]}",
			"the token uses an extension" },
		{ "crit b64",
			"{\"alg\":\"HS256\",\"crit\":[\"b64\"],\"b64\":false}",
			"the token uses an extension" },
		{ "crit null", "{\"alg\":\"HS256\",\"crit\":null}",
			"the token uses an extension" },
		{ "crit empty", "{\"alg\":\"HS256\",\"crit\":[]}",
			"the token uses an extension" },
		{ "typ number", "{\"alg\":\"HS256\",\"typ\":1}",
			"the token is not of the type JWT" },
		{ "typ null", "{\"alg\":\"HS256\",\"typ\":null}",
			"the token is not of the type JWT" },
		{ "array", "[\"HS256\"]", MALFORMED },
		{ "text", "\"HS256\"", MALFORMED },
		{ "empty object", "{}", MALFORMED },
		{ "unfinished", "{\"alg\":\"HS256\"", MALFORMED },
		{ "trailing text", "{\"alg\":\"HS256\"}x", MALFORMED },
		{ "broken UTF-8", "{\"alg\":\"HS256\",\"x\":\"\xc3\"}",
			MALFORMED },
	};
	struct config config = settings(SECRET, "", "");
	struct token_verifier *verifier = open_with(&config);

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		expect(verifier, cases[i].name,
			jws_token(&hs256, cases[i].header, BODY),
			cases[i].want);
	token_verifier_close(&verifier);
}

/* What libjwt makes of these depends on its version; none passes. */
static void
refuses_spellings_and_types_whatever_libjwt_says(void **state)
{
	static const char *const headers[] = {
		"{\"alg\":\"None\"}",
		"{\"alg\":\"NONE\"}",
		"{\"alg\":\"nOnE\"}",
		"{\"alg\":\"none \"}",
		"{\"alg\":\" none\"}",
		"{\"alg\":\"hs256\"}",
		"{\"alg\":\"Hs256\"}",
		"{\"alg\":\"PS256\"}",
		"{\"alg\":\"ES256K\"}",
		"{\"alg\":\"EdDSA\"}",
		"{\"alg\":\"HS256\",\"typ\":\"at+jwt\"}",
		"{\"alg\":\"HS256\",\"typ\":\"application/at+jwt\"}",
		"{\"alg\":\"HS256\",\"typ\":\"\"}",
	};
	struct config config = settings(SECRET, "", "");
	struct token_verifier *verifier = open_with(&config);

	(void)state;
	for (size_t i = 0; i < COUNT(headers); i++) {
		char *token = jws_token(&hs256, headers[i], BODY);
		char user_id[USER_ID_MAX + 1];
		struct reason why;

		if (token_verify(verifier, slice_of(token), NOW, user_id,
			    &why) != STATUS_UNAUTHORIZED)
			fail_msg("%s", headers[i]);
		check_description(headers[i], &why);
		free(token);
	}
	token_verifier_close(&verifier);
}

static void
judges_bodies(void **state)
{
	static const struct {
		const char *name, *body, *want;
	} cases[] = {
		{ "plain", BODY, NULL },
		{ "no exp", "{\"userId\":\"" USER "\"}",
			"the token has no expiry" },
		{ "exp null", "{\"userId\":\"" USER "\",\"exp\":null}", DATE },
		{ "exp string",
			"{\"userId\":\"" USER "\",\"exp\":\"1800000060\"}",
			DATE },
		{ "exp true", "{\"userId\":\"" USER "\",\"exp\":true}", DATE },
		{ "exp array", "{\"userId\":\"" USER "\",\"exp\":[1800000060]}",
			DATE },
		{ "exp negative", "{\"userId\":\"" USER "\",\"exp\":-1}",
			EXPIRED },
		{ "exp zero", "{\"userId\":\"" USER "\",\"exp\":0}", EXPIRED },
		{ "exp 1970", "{\"userId\":\"" USER "\",\"exp\":86400}",
			EXPIRED },
		{ "exp of 2^53",
			"{\"userId\":\"" USER "\",\"exp\":9007199254740992}",
			NULL },
		{ "exp beyond 2^53",
			"{\"userId\":\"" USER "\",\"exp\":9007199254740993}",
			DATE },
		{ "exp of 64 bits",
			"{\"userId\":\"" USER "\",\"exp\":9223372036854775807}",
			DATE },
		{ "exp of 65 bits",
			"{\"userId\":\"" USER
			"\",\"exp\":18446744073709551616}",
			MALFORMED },
		{ "exp 1e300", "{\"userId\":\"" USER "\",\"exp\":1e300}",
			DATE },
		{ "exp 1e400", "{\"userId\":\"" USER "\",\"exp\":1e400}",
			MALFORMED },
		{ "exp NaN", "{\"userId\":\"" USER "\",\"exp\":NaN}",
			MALFORMED },
		{ "exp real", "{\"userId\":\"" USER "\",\"exp\":1800000060.5}",
			NULL },
		{ "exp exponent", "{\"userId\":\"" USER "\",\"exp\":1.9e9}",
			NULL },
		{ "exp twice, the last expired",
			"{\"userId\":\"" USER "\"," EXP ",\"exp\":1}",
			EXPIRED },
		{ "nbf string",
			"{\"userId\":\"" USER "\"," EXP ",\"nbf\":\"1\"}",
			DATE },
		{ "nbf null", "{\"userId\":\"" USER "\"," EXP ",\"nbf\":null}",
			DATE },
		{ "nbf 2100",
			"{\"userId\":\"" USER "\"," EXP ",\"nbf\":4102444800}",
			EARLY },
		{ "nbf past",
			"{\"userId\":\"" USER "\"," EXP ",\"nbf\":1700000000}",
			NULL },
		{ "iat string",
			"{\"userId\":\"" USER "\"," EXP ",\"iat\":\"1\"}",
			DATE },
		{ "iat 2100",
			"{\"userId\":\"" USER "\"," EXP ",\"iat\":4102444800}",
			FUTURE },
		{ "iat past",
			"{\"userId\":\"" USER "\"," EXP ",\"iat\":1700000000}",
			NULL },
		{ "any aud and iss",
			"{\"userId\":\"" USER "\"," EXP
			",\"aud\":[1],\"iss\":{}}",
			NULL },
		{ "array", "[\"" USER "\"]", MALFORMED },
		{ "text", "\"" USER "\"", MALFORMED },
		{ "number", "1", MALFORMED },
		{ "null", "null", MALFORMED },
		{ "not JSON", USER, MALFORMED },
		{ "unfinished", "{" EXP, MALFORMED },
		{ "trailing text", BODY "x", MALFORMED },
		{ "two values", BODY BODY, MALFORMED },
		{ "NUL in an id", "{\"userId\":\"" USER "\\u0000\"," EXP "}",
			MALFORMED },
		{ "broken UTF-8", "{\"userId\":\"" USER "\xc3\"," EXP "}",
			MALFORMED },
		{ "empty object", "{}", "the token has no expiry" },
	};
	struct config config = settings(SECRET, "", "");
	struct token_verifier *verifier = open_with(&config);

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		expect(verifier, cases[i].name,
			jws_token(&hs256, HEADER, cases[i].body),
			cases[i].want);
	token_verifier_close(&verifier);
}

static void
finds_the_user(void **state)
{
	static const struct {
		const char *name, *claims, *want;
	} cases[] = {
		{ "first claim", "\"userId\":\"" USER "\"", NULL },
		{ "second claim", "\"sub\":\"" USER "\"", NULL },
		{ "third claim", "\"id\":\"" USER "\"", NULL },
		{ "the first counts",
			"\"id\":\"c\",\"sub\":\"b\",\"userId\":\"" USER "\"",
			NULL },
		{ "the first is a number", "\"userId\":5,\"sub\":\"" USER "\"",
			NULL },
		{ "the first is empty", "\"userId\":\"\",\"sub\":\"" USER "\"",
			NULL },
		{ "the first is null", "\"userId\":null,\"sub\":\"" USER "\"",
			NULL },
		{ "the first is an object",
			"\"userId\":{\"id\":\"a\"},\"sub\":\"" USER "\"",
			NULL },
		{ "the first has blanks",
			"\"userId\":\"a b\",\"sub\":\"" USER "\"", NULL },
		{ "the first is long",
			"\"userId\":\"" SIXTY "01234\",\"sub\":\"" USER "\"",
			NULL },
		{ "twice, the last counts",
			"\"userId\":\"a\",\"userId\":\"" USER "\"", NULL },
		{ "none", "\"name\":\"" USER "\"", NO_USER },
		{ "another case", "\"USERID\":\"" USER "\"", NO_USER },
		{ "empty", "\"sub\":\"\"", NO_USER },
		{ "number", "\"sub\":5", NO_USER },
		{ "true", "\"sub\":true", NO_USER },
		{ "object", "\"sub\":{\"id\":\"" USER "\"}", NO_USER },
		{ "array", "\"sub\":[\"" USER "\"]", NO_USER },
		{ "65 characters", "\"sub\":\"" SIXTY "01234\"", NO_USER },
		{ "blank", "\"sub\":\"a b\"", NO_USER },
		{ "line feed", "\"sub\":\"a\\n\"", NO_USER },
		{ "colon", "\"sub\":\"a:b\"", NO_USER },
		{ "dot", "\"sub\":\"../a\"", NO_USER },
		{ "at", "\"sub\":\"a@b\"", NO_USER },
		{ "accent", "\"sub\":\"\\u00e9\"", NO_USER },
		{ "quote", "\"sub\":\"a'--\"", NO_USER },
		{ "star", "\"sub\":\"*\"", NO_USER },
	};
	struct config config = settings(SECRET, "", "");
	struct token_verifier *verifier = open_with(&config);

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		char *body = NULL;

		assert_true(
			asprintf(&body, "{%s," EXP "}", cases[i].claims) > 0);
		expect(verifier, cases[i].name, jws_token(&hs256, HEADER, body),
			cases[i].want);
		free(body);
	}
	token_verifier_close(&verifier);
}

static void
takes_an_id_of_64_characters(void **state)
{
	struct config config = settings(SECRET, "", "");
	struct token_verifier *verifier = open_with(&config);
	char *token = jws_token(
		&hs256, HEADER, "{\"sub\":\"" SIXTY "aZ-_\"," EXP "}");
	char user_id[USER_ID_MAX + 1];
	struct reason why;

	(void)state;
	assert_int_equal(
		token_verify(verifier, slice_of(token), NOW, user_id, &why),
		STATUS_OK);
	assert_string_equal(user_id, SIXTY "aZ-_");
	free(token);
	token_verifier_close(&verifier);
}

static void
judges_issuer_and_audience(void **state)
{
	static const char no_issuer[] = "the issuer is not ours";
	static const char no_audience[] = "the audience is not ours";
	static const struct {
		const char *name, *claims, *want;
	} cases[] = {
		{ "both", "\"iss\":\"we\",\"aud\":\"us\"", NULL },
		{ "list", "\"iss\":\"we\",\"aud\":[\"a\",\"us\"]", NULL },
		{ "no iss", "\"aud\":\"us\"", no_issuer },
		{ "iss null", "\"iss\":null,\"aud\":\"us\"", no_issuer },
		{ "iss list", "\"iss\":[\"we\"],\"aud\":\"us\"", no_issuer },
		{ "iss longer", "\"iss\":\"well\",\"aud\":\"us\"", no_issuer },
		{ "iss shorter", "\"iss\":\"w\",\"aud\":\"us\"", no_issuer },
		{ "iss in capitals", "\"iss\":\"WE\",\"aud\":\"us\"",
			no_issuer },
		{ "no aud", "\"iss\":\"we\"", no_audience },
		{ "aud empty", "\"iss\":\"we\",\"aud\":[]", no_audience },
		{ "aud wrong", "\"iss\":\"we\",\"aud\":\"usa\"", no_audience },
		{ "aud list wrong", "\"iss\":\"we\",\"aud\":[\"a\",\"b\"]",
			no_audience },
		{ "aud with a number", "\"iss\":\"we\",\"aud\":[\"us\",5]",
			no_audience },
		{ "aud number", "\"iss\":\"we\",\"aud\":5", no_audience },
	};
	struct config config = settings(SECRET, "", "");
	struct token_verifier *verifier;

	(void)state;
	config.jwt_issuer = "we";
	config.jwt_audience = "us";
	verifier = open_with(&config);
	for (size_t i = 0; i < COUNT(cases); i++) {
		char *body = NULL;

		assert_true(
			asprintf(&body, "{\"userId\":\"" USER "\",%s," EXP "}",
				cases[i].claims) > 0);
		expect(verifier, cases[i].name, jws_token(&hs256, HEADER, body),
			cases[i].want);
		free(body);
	}
	token_verifier_close(&verifier);
}

static void
counts_seconds_exactly(void **state)
{
	static const char integers[] = "{\"userId\":\"" USER
				       "\",\"exp\":1800000000,"
				       "\"nbf\":1700000000,\"iat\":1600000000}";
	static const char iat_last[] = "{\"userId\":\"" USER
				       "\",\"exp\":1800000000,"
				       "\"iat\":1700000000}";
	static const char reals[] = "{\"userId\":\"" USER
				    "\",\"exp\":1800000000.25,"
				    "\"nbf\":1700000000.25}";
	static const struct {
		const char *name, *body;
		int64_t leeway_s, now_s;
		const char *want;
	} cases[] = {
		{ "before exp", integers, 0, 1799999999, NULL },
		{ "at exp", integers, 0, 1800000000, EXPIRED },
		{ "within the leeway", integers, 30, 1800000029, NULL },
		{ "at its end", integers, 30, 1800000030, EXPIRED },
		{ "after it", integers, 30, 1800000031, EXPIRED },
		{ "before nbf", integers, 0, 1699999999, EARLY },
		{ "at nbf", integers, 0, 1700000000, NULL },
		{ "nbf, one too early", integers, 30, 1699999969, EARLY },
		{ "nbf, just in time", integers, 30, 1699999970, NULL },
		{ "nbf, one later", integers, 30, 1699999971, NULL },
		{ "before iat", iat_last, 0, 1699999999, FUTURE },
		{ "at iat", iat_last, 0, 1700000000, NULL },
		{ "iat, one too early", iat_last, 30, 1699999969, FUTURE },
		{ "iat, just in time", iat_last, 30, 1699999970, NULL },
		{ "before a real exp", reals, 0, 1800000000, NULL },
		{ "after a real exp", reals, 0, 1800000001, EXPIRED },
		{ "before a real nbf", reals, 0, 1700000000, EARLY },
		{ "after a real nbf", reals, 0, 1700000001, NULL },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct config config = settings(SECRET, "", "");
		struct token_verifier *verifier;
		char *token = jws_token(&hs256, HEADER, cases[i].body);

		config.jwt_leeway_s = cases[i].leeway_s;
		verifier = open_with(&config);
		expect_slice(verifier, cases[i].name, slice_of(token),
			cases[i].now_s, cases[i].want);
		free(token);
		token_verifier_close(&verifier);
	}
}

/* H, B and S stand for the parts of a good token. */
static void
refuses_other_shapes(void **state)
{
	static const struct {
		const char *name, *pattern, *want;
	} cases[] = {
		{ "as it is", "H.B.S", NULL },
		{ "junk at the end", "H.B.S.!!", MALFORMED },
		{ "junk in the signature", "H.B.S!!", MALFORMED },
		{ "letters at the end", "H.B.SAAAA", SIGNATURE },
		{ "letters in the body", "H.BAAAA.S", SIGNATURE },
		{ "padded head", "H=.B.S", MALFORMED },
		{ "padded body", "H.B==.S", MALFORMED },
		{ "padded signature", "H.B.S=", MALFORMED },
		{ "leading blank", " H.B.S", MALFORMED },
		{ "trailing blank", "H.B.S ", MALFORMED },
		{ "line feed", "H.\nB.S", MALFORMED },
		{ "another scheme", "bearer H.B.S", MALFORMED },
		{ "head and body swapped", "B.H.S", MALFORMED },
		{ "body and signature swapped", "H.S.B", MALFORMED },
		{ "the head twice", "H.H.S", SIGNATURE },
		{ "no signature", "H.B.", MALFORMED },
		{ "two parts", "H.B", MALFORMED },
		{ "one part", "H", MALFORMED },
		{ "empty head", ".B.S", MALFORMED },
		{ "empty body", "H..S", MALFORMED },
		{ "dots only", "..", MALFORMED },
		{ "three dots", "...", MALFORMED },
		{ "empty", "", MALFORMED },
		{ "four parts", "H.B.S.S", MALFORMED },
		{ "five parts", "H.B.B.B.S", MALFORMED },
		{ "five parts, one empty", "H..B.B.S", MALFORMED },
		{ "base64 letters", "H.+/B.S", MALFORMED },
		{ "percent", "H.B.%41S", MALFORMED },
		{ "UTF-8",
			"H.B.\xc3\xa9"
			"S",
			MALFORMED },
		{ "one letter each", "A.A.A", MALFORMED },
		{ "two letters each", "AA.AA.AA", MALFORMED },
	};
	struct config config = settings(SECRET, "", "");
	struct token_verifier *verifier = open_with(&config);
	char *good = jws_token(&hs256, HEADER, BODY), *rest = good;
	const char *head = strsep(&rest, "."), *body = strsep(&rest, ".");

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct buffer token = { NULL, 0, 0 };

		for (const char *p = cases[i].pattern; *p != '\0'; p++)
			if (*p == 'H')
				buffer_add_text(&token, head);
			else if (*p == 'B')
				buffer_add_text(&token, body);
			else if (*p == 'S')
				buffer_add_text(&token, rest);
			else
				buffer_add_char(&token, *p);
		expect_slice(verifier, cases[i].name, buffer_slice(&token), NOW,
			cases[i].want);
		buffer_close(&token);
	}
	free(good);
	token_verifier_close(&verifier);
}

static void
refuses_each_shortened_token(void **state)
{
	struct config config = settings(SECRET, "", "");
	struct token_verifier *verifier = open_with(&config);
	char *good = jws_token(&hs256, HEADER, BODY);
	char user_id[USER_ID_MAX + 1];
	struct reason why;

	(void)state;
	for (size_t len = 0; len < strlen(good); len++)
		if (token_verify(verifier, (struct slice){ good, len }, NOW,
			    user_id, &why) != STATUS_UNAUTHORIZED)
			fail_msg("%zu characters", len);
	expect(verifier, "whole", good, NULL);
	token_verifier_close(&verifier);
}

static void
refuses_each_changed_token(void **state)
{
	struct config config = settings(SECRET, "", "");
	struct token_verifier *verifier = open_with(&config);
	char *good = jws_token(&hs256, HEADER, BODY);
	char user_id[USER_ID_MAX + 1];
	struct reason why;

	(void)state;
	for (size_t i = 0; good[i] != '\0'; i++) {
		char before = good[i];

		good[i] = before == 'A' ? 'B' : 'A';
		if (token_verify(verifier, slice_of(good), NOW, user_id,
			    &why) != STATUS_UNAUTHORIZED)
			fail_msg("character %zu", i);
		good[i] = before;
	}
	expect(verifier, "unchanged", good, NULL);
	token_verifier_close(&verifier);
}

static void
refuses_nul_bytes(void **state)
{
	static const char body[] = BODY "\0" BODY;
	struct config config = settings(SECRET, "", "");
	struct token_verifier *verifier = open_with(&config);
	char *token = jws_token(&hs256, HEADER, BODY);
	size_t len = strlen(token);

	(void)state;
	expect_slice(verifier, "at the end", (struct slice){ token, len + 1 },
		NOW, MALFORMED);
	token[len / 2] = '\0';
	expect_slice(verifier, "inside", (struct slice){ token, len }, NOW,
		MALFORMED);
	free(token);
	expect_slice(verifier, "absent", slice_of(NULL), NOW, MALFORMED);
	/* Signed as it is, and read up to the NUL: by us as by libjwt. */
	token = jws_token_of_bytes(
		&hs256, HEADER, strlen(HEADER), body, sizeof(body) - 1);
	expect(verifier, "after the object", token, NULL);
	token_verifier_close(&verifier);
}

/* A good token of exactly `len` characters. */
static char *
token_of_length(size_t len)
{
	static char filler[8192];
	char *token = NULL;

	memset(filler, 'x', sizeof(filler));
	for (size_t pad = len * 3 / 4 - 250; pad < len * 3 / 4; pad++) {
		char *body = NULL;

		free(token);
		assert_true(asprintf(&body,
				    "{\"userId\":\"" USER "\"," EXP
				    ",\"x\":\"%.*s\"}",
				    (int)pad, filler) > 0);
		token = jws_token(&hs256, HEADER, body);
		free(body);
		if (strlen(token) >= len)
			break;
	}
	assert_int_equal(strlen(token), len);
	return token;
}

static void
bounds_the_length(void **state)
{
	const size_t huge = (size_t)12 * 1024 * 1024;
	struct config config = settings(SECRET, "", "");
	struct token_verifier *verifier = open_with(&config);
	char *token = malloc(huge);

	(void)state;
	expect(verifier, "8192", token_of_length(8192), NULL);
	expect(verifier, "8195", token_of_length(8195), MALFORMED);
	assert_non_null(token);
	memset(token, 'A', huge);
	expect_slice(verifier, "12 MiB", (struct slice){ token, huge }, NOW,
		MALFORMED);
	token[huge / 3] = token[huge / 3 * 2] = '.';
	expect_slice(verifier, "12 MiB in three parts",
		(struct slice){ token, huge }, NOW, MALFORMED);
	memset(token, '.', huge);
	expect_slice(verifier, "12 MiB of dots", (struct slice){ token, huge },
		NOW, MALFORMED);
	memset(token, 'A', huge);
	token[4000] = token[8000] = '.';
	expect_slice(verifier, "8192 of letters", (struct slice){ token, 8192 },
		NOW, MALFORMED);
	free(token);
	token_verifier_close(&verifier);
}

static void
refuses_a_deep_nest(void **state)
{
	static const size_t depths[] = { 40, 1500, 2500 };
	struct config config = settings(SECRET, "", "");
	struct token_verifier *verifier = open_with(&config);

	(void)state;
	for (size_t i = 0; i < COUNT(depths); i++) {
		char nest[5001], *body = NULL;

		memset(nest, '[', depths[i]);
		memset(nest + depths[i], ']', depths[i]);
		nest[2 * depths[i]] = '\0';
		assert_true(
			asprintf(&body,
				"{\"userId\":\"" USER "\"," EXP ",\"x\":%s}",
				nest) > 0);
		expect(verifier, "nest", jws_token(&hs256, HEADER, body),
			MALFORMED);
		free(body);
	}
	token_verifier_close(&verifier);
}

/* The public key is public: with it as the secret, anybody could sign. */
static void
never_confuses_keys(void **state)
{
	const struct jws_signer with_pem = { keys.rsa_pem, NULL, "SHA256" };
	const struct jws_signer with_rsa = { NULL, keys.rsa, "SHA256" };
	const struct jws_signer with_ec = { NULL, keys.p256, "SHA256" };
	const struct jws_signer with_other = { NULL, keys.other_rsa, "SHA256" };
	struct config only_key = settings("", keys.rsa_pem, "RS256,ES256");
	struct config both = settings(SECRET, keys.rsa_pem, "");
	struct token_verifier *v = open_with(&only_key);

	(void)state;
	expect(v, "HS256 by the PEM", jws_token(&with_pem, HEADER, BODY),
		ALGORITHM);
	expect(v, "ES256 with an RSA key",
		jws_token(&with_ec, "{\"alg\":\"ES256\"}", BODY), ALGORITHM);
	token_verifier_close(&v);

	v = open_with(&both);
	expect(v, "HS256 by the PEM, with a secret too",
		jws_token(&with_pem, HEADER, BODY), SIGNATURE);
	expect(v, "RS256 by the secret",
		jws_token(&hs256, "{\"alg\":\"RS256\"}", BODY), SIGNATURE);
	expect(v, "RS256 by the PEM",
		jws_token(&with_pem, "{\"alg\":\"RS256\"}", BODY), SIGNATURE);
	expect(v, "RS256 by another key",
		jws_token(&with_other, "{\"alg\":\"RS256\"}", BODY), SIGNATURE);
	expect(v, "RS256 by an EC key",
		jws_token(&with_ec, "{\"alg\":\"RS256\"}", BODY), SIGNATURE);
	expect(v, "HS256 by the RSA key", jws_token(&with_rsa, HEADER, BODY),
		SIGNATURE);
	expect(v, "HS256 then RS256, by the RSA key",
		jws_token(&with_rsa, "{\"alg\":\"HS256\",\"alg\":\"RS256\"}",
			BODY),
		NULL);
	expect(v, "RS256 then HS256, by the RSA key",
		jws_token(&with_rsa, "{\"alg\":\"RS256\",\"alg\":\"HS256\"}",
			BODY),
		SIGNATURE);
	expect(v, "RS256 then HS256, by the PEM",
		jws_token(&with_pem, "{\"alg\":\"RS256\",\"alg\":\"HS256\"}",
			BODY),
		SIGNATURE);
	expect(v, "a secret's good token", jws_token(&hs256, HEADER, BODY),
		NULL);
	token_verifier_close(&v);
}

/* A signed text of a length that no base64 has: libjwt drops the rest. */
static void
refuses_a_letter_too_many(void **state)
{
	struct config config = settings(SECRET, "", "");
	struct token_verifier *verifier = open_with(&config);
	char *head = jws_base64url("{\"alg\":\"HS256\"} ", 16);
	char *body = jws_base64url(BODY "   ", (sizeof(BODY) + 2) / 3 * 3);
	char *text = NULL, *token = NULL, *signature;

	(void)state;
	assert_true(asprintf(&text, "%s.%sA", head, body) > 0);
	assert_int_equal(strlen(body) % 4, 0);
	signature = jws_signature(&hs256, text);
	assert_true(asprintf(&token, "%s.%s", text, signature) > 0);
	expect(verifier, "body", token, MALFORMED);
	free(signature);
	free(text);
	free(body);
	free(head);
	token_verifier_close(&verifier);
}

/* libjwt alone takes these: its base64 skips what it does not know. */
static void
refuses_appended_text_with_public_keys(void **state)
{
	static const char *const tails[] = { ".!!", "!!", "=", "==", "\n", "A",
		"AA", "AAAA", ".", ".AAAA", "%00" };
	size_t count;
	const struct algorithm_case *cases = algorithm_cases(&count);

	(void)state;
	for (size_t i = 0; i < count; i++) {
		struct config config = settings_for(&cases[i], cases[i].name);
		struct token_verifier *verifier = open_with(&config);
		char *good = token_for(&cases[i]);

		for (size_t t = 0; t < COUNT(tails); t++) {
			char *token = NULL, user_id[USER_ID_MAX + 1];
			struct reason why;

			assert_true(
				asprintf(&token, "%s%s", good, tails[t]) > 0);
			if (token_verify(verifier, slice_of(token), NOW,
				    user_id, &why) != STATUS_UNAUTHORIZED)
				fail_msg("%s with %s", cases[i].name, tails[t]);
			free(token);
		}
		expect(verifier, cases[i].name, good, NULL);
		token_verifier_close(&verifier);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(accepts_each_algorithm_where_allowed),
		cmocka_unit_test(accepts_what_libjwt_makes),
		cmocka_unit_test(has_defaults_for_each_kind_of_key),
		cmocka_unit_test(refuses_settings_that_do_not_fit),
		cmocka_unit_test(accepts_settings_that_fit),
		cmocka_unit_test(judges_headers),
		cmocka_unit_test(knows_a_token_no_longer_than_it_is_good),
		cmocka_unit_test(
			refuses_spellings_and_types_whatever_libjwt_says),
		cmocka_unit_test(judges_bodies),
		cmocka_unit_test(finds_the_user),
		cmocka_unit_test(takes_an_id_of_64_characters),
		cmocka_unit_test(judges_issuer_and_audience),
		cmocka_unit_test(counts_seconds_exactly),
		cmocka_unit_test(refuses_other_shapes),
		cmocka_unit_test(refuses_each_shortened_token),
		cmocka_unit_test(refuses_each_changed_token),
		cmocka_unit_test(refuses_nul_bytes),
		cmocka_unit_test(bounds_the_length),
		cmocka_unit_test(refuses_a_deep_nest),
		cmocka_unit_test(never_confuses_keys),
		cmocka_unit_test(refuses_a_letter_too_many),
		cmocka_unit_test(refuses_appended_text_with_public_keys),
	};

	return cmocka_run_group_tests(tests, make_keys, drop_keys);
}
