#include "config.h"

#include <openssl/err.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "../support/jws.h"
#include "my500/signature.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define TEXT         "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhIn0"

/* The example of RFC 7515, appendix A.3 (ES256). */
static const char rfc_key[] =
	"-----BEGIN PUBLIC KEY-----\n"
	"MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEf83OJ3D2xF1Bg8vub9tLe1gHMzV7\n"
	"6e8Tus9uPHvRVEXH8UTNG72bfocs3+257rn0s2ldbqkLJK2KRiMohYjlrQ==\n"
	"-----END PUBLIC KEY-----\n";
static const char rfc_text[] =
	"eyJhbGciOiJFUzI1NiJ9."
	"eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFt"
	"cGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
static const char rfc_signature[] =
	"DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSA"
	"pmWQxfKTUJqPP3-Kg6NU1Q";

/* Made once: RSA keys take their time. */
static EVP_PKEY *rsa, *other_rsa, *p256, *other_p256, *p384, *p521;

static int
make_keys(void **state)
{
	(void)state;
	rsa = EVP_RSA_gen(2048u);
	other_rsa = EVP_RSA_gen(2048u);
	p256 = EVP_EC_gen("P-256");
	other_p256 = EVP_EC_gen("P-256");
	p384 = EVP_EC_gen("P-384");
	p521 = EVP_EC_gen("P-521");
	return rsa == NULL || other_rsa == NULL || p256 == NULL ||
		other_p256 == NULL || p384 == NULL || p521 == NULL;
}

static int
drop_keys(void **state)
{
	(void)state;
	EVP_PKEY_free(rsa);
	EVP_PKEY_free(other_rsa);
	EVP_PKEY_free(p256);
	EVP_PKEY_free(other_p256);
	EVP_PKEY_free(p384);
	EVP_PKEY_free(p521);
	return 0;
}

static struct public_key *
open_pkey(EVP_PKEY *pkey)
{
	char *pem = jws_pem(pkey, 0);
	struct public_key *key;

	assert_int_equal(public_key_open(&key, pem), STATUS_OK);
	assert_non_null(key);
	free(pem);
	return key;
}

static void
knows_the_kinds_of_keys(void **state)
{
	const struct {
		const char *name;
		EVP_PKEY *pkey;
		enum signature_kind kind;
		int field_bytes;
	} cases[] = {
		{ "RSA", rsa, SIGNATURE_RSA, 0 },
		{ "P-256", p256, SIGNATURE_ECDSA, 32 },
		{ "P-384", p384, SIGNATURE_ECDSA, 48 },
		{ "P-521", p521, SIGNATURE_ECDSA, 66 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct public_key *key = open_pkey(cases[i].pkey);

		if (public_key_kind(key) != cases[i].kind ||
			public_key_field_bytes(key) != cases[i].field_bytes)
			fail_msg("%s", cases[i].name);
		public_key_close(&key);
		assert_null(key);
	}
	public_key_close(&(struct public_key *){ NULL });
}

static void
expect_refused_text(const char *name, const char *pem)
{
	struct public_key *key;

	if (public_key_open(&key, pem) != STATUS_INVALID || key != NULL)
		fail_msg("%s", name);
	if (ERR_peek_error() != 0)
		fail_msg("%s: left an error behind", name);
}

/* Takes the key over. */
static void
expect_refused_key(const char *name, EVP_PKEY *pkey, int is_private)
{
	char *pem;

	assert_non_null(pkey);
	pem = jws_pem(pkey, is_private);
	expect_refused_text(name, pem);
	free(pem);
	EVP_PKEY_free(pkey);
}

static void
refuses_other_keys(void **state)
{
	(void)state;
	expect_refused_key("RSA of 1024 bits", EVP_RSA_gen(1024u), 0);
	expect_refused_key("RSA of 2040 bits", EVP_RSA_gen(2040u), 0);
	expect_refused_key("secp256k1", EVP_EC_gen("secp256k1"), 0);
	expect_refused_key("P-224", EVP_EC_gen("P-224"), 0);
	expect_refused_key("brainpool", EVP_EC_gen("brainpoolP256r1"), 0);
	expect_refused_key(
		"Ed25519", EVP_PKEY_Q_keygen(NULL, NULL, "ED25519"), 0);
	expect_refused_key(
		"X25519", EVP_PKEY_Q_keygen(NULL, NULL, "X25519"), 0);
	expect_refused_key("private P-256", EVP_EC_gen("P-256"), 1);
	assert_true(EVP_PKEY_up_ref(rsa));
	expect_refused_key("private RSA", rsa, 1);
}

/* PKCS #1, as old tools write it. */
static char *
pkcs1_pem(void)
{
	unsigned char *der = NULL;
	int len = i2d_PublicKey(rsa, &der);
	BIO *bio = BIO_new(BIO_s_mem());
	char *data = NULL, *pem;

	assert_true(bio != NULL && len > 0);
	assert_true(PEM_write_bio(bio, "RSA PUBLIC KEY", "", der, len) > 0);
	len = (int)BIO_get_mem_data(bio, &data);
	pem = strndup(data, (size_t)len);
	assert_non_null(pem);
	OPENSSL_free(der);
	BIO_free(bio);
	return pem;
}

static void
refuses_other_texts(void **state)
{
	char *pem = jws_pem(p256, 0), *secret = jws_pem(p256, 1);
	char *text = NULL;

	(void)state;
	expect_refused_text("empty", "");
	expect_refused_text("words", "not a key");
	expect_refused_text("an empty block",
		"-----BEGIN PUBLIC KEY-----\n-----END PUBLIC KEY-----\n");
	expect_refused_text("another block",
		"-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n");
	assert_true(asprintf(&text, "%s%s", pem, pem) > 0);
	expect_refused_text("two keys", text);
	free(text);
	assert_true(asprintf(&text, "%s%s", secret, pem) > 0);
	expect_refused_text("a private key before it", text);
	free(text);
	assert_true(asprintf(&text, "%s%s", pem, secret) > 0);
	expect_refused_text("a private key after it", text);
	free(text);
	pem[strlen(pem) / 2] = '\0';
	expect_refused_text("half a key", pem);
	text = pkcs1_pem();
	expect_refused_text("PKCS #1", text);
	free(text);
	free(secret);
	free(pem);
}

static void
verifies_each_algorithm(void **state)
{
	const struct {
		const char *name;
		struct jws_signer signer;
		int hash_bits;
	} cases[] = {
		{ "RS256", { NULL, rsa, "SHA256" }, 256 },
		{ "RS384", { NULL, rsa, "SHA384" }, 384 },
		{ "RS512", { NULL, rsa, "SHA512" }, 512 },
		{ "ES256", { NULL, p256, "SHA256" }, 256 },
		{ "ES384", { NULL, p384, "SHA384" }, 384 },
		{ "ES512", { NULL, p521, "SHA512" }, 512 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct public_key *key = open_pkey(cases[i].signer.key);
		char *signature = jws_signature(&cases[i].signer, TEXT);

		/* twice: what verifies is used again and again */
		for (int round = 0; round < 2; round++)
			if (!public_key_verify(key, cases[i].hash_bits,
				    slice_of(TEXT), slice_of(signature)))
				fail_msg("%s", cases[i].name);
		for (int bits = 256; bits <= 512; bits += 128)
			if (bits != cases[i].hash_bits &&
				public_key_verify(key, bits, slice_of(TEXT),
					slice_of(signature)))
				fail_msg("%s as SHA-%d", cases[i].name, bits);
		if (public_key_verify(key, cases[i].hash_bits,
			    slice_of(TEXT "x"), slice_of(signature)))
			fail_msg("%s, another text", cases[i].name);
		free(signature);
		public_key_close(&key);
	}
}

static void
agrees_with_the_example_of_the_rfc(void **state)
{
	struct public_key *key;

	(void)state;
	assert_int_equal(public_key_open(&key, rfc_key), STATUS_OK);
	assert_true(public_key_verify(
		key, 256, slice_of(rfc_text), slice_of(rfc_signature)));
	public_key_close(&key);
}

static void
refuses_the_signature_of_another_key(void **state)
{
	const struct jws_signer signers[] = {
		{ NULL, other_rsa, "SHA256" },
		{ NULL, p256, "SHA256" },
		{ NULL, other_p256, "SHA256" },
		{ "0123456789abcdef0123456789abcdef", NULL, "SHA256" },
	};
	struct public_key *keys[] = { open_pkey(rsa), open_pkey(p256) };

	(void)state;
	for (size_t i = 0; i < COUNT(signers); i++) {
		char *signature = jws_signature(&signers[i], TEXT);

		for (size_t k = 0; k < COUNT(keys); k++)
			assert_int_equal(
				public_key_verify(keys[k], 256, slice_of(TEXT),
					slice_of(signature)),
				k == 1 && signers[i].key == p256);
		free(signature);
	}
	public_key_close(&keys[0]);
	public_key_close(&keys[1]);
}

/* Each bit of it counts. */
static void
refuses_a_changed_signature(EVP_PKEY *pkey)
{
	static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				       "abcdefghijklmnopqrstuvwxyz"
				       "0123456789-_";
	struct public_key *key = open_pkey(pkey);
	char *signature = jws_signature(
		&(struct jws_signer){ NULL, pkey, "SHA256" }, TEXT);
	size_t len = strlen(signature);

	for (size_t i = 0; i < len; i++) {
		char before = signature[i];
		size_t digit = (size_t)(strchr(alphabet, before) - alphabet);

		signature[i] = alphabet[digit ^ 1];
		if (public_key_verify(
			    key, 256, slice_of(TEXT), slice_of(signature)))
			fail_msg("character %zu of %zu", i, len);
		signature[i] = before;
	}
	assert_true(public_key_verify(
		key, 256, slice_of(TEXT), slice_of(signature)));
	assert_int_equal(ERR_peek_error(), 0);
	free(signature);
	public_key_close(&key);
}

static void
each_character_of_a_signature_counts(void **state)
{
	(void)state;
	refuses_a_changed_signature(rsa);
	refuses_a_changed_signature(p256);
}

static void
expect_text_refused(
	struct public_key *key, const char *name, struct slice signature)
{
	if (public_key_verify(key, 256, slice_of(TEXT), signature))
		fail_msg("%s", name);
}

static void
takes_canonical_base64url_only(void **state)
{
	static char longest[4096];
	struct public_key *key = open_pkey(rsa);
	char *good = jws_signature(
		&(struct jws_signer){ NULL, rsa, "SHA256" }, TEXT);
	size_t len = strlen(good);
	char *text = NULL;

	(void)state;
	memset(longest, 'A', sizeof(longest));
	expect_text_refused(key, "absent", slice_of(NULL));
	expect_text_refused(key, "empty", slice_of(""));
	expect_text_refused(key, "one character", slice_of("A"));
	expect_text_refused(key, "two characters", slice_of("AA"));
	expect_text_refused(
		key, "long", (struct slice){ longest, sizeof(longest) });
	expect_text_refused(key, "cut", (struct slice){ good, len - 1 });
	for (const char *const *tail = (const char *const[]){ "=", "==", "A",
		     "AAAA", ".!!", " ", "\n", NULL };
		*tail != NULL; tail++) {
		assert_true(asprintf(&text, "%s%s", good, *tail) > 0);
		expect_text_refused(key, *tail, slice_of(text));
		free(text);
	}
	/* with the NUL at its end */
	expect_text_refused(key, "NUL", (struct slice){ good, len + 1 });
	for (size_t i = 0; i < len; i++)
		if (good[i] == '-')
			good[i] = '+';
		else if (good[i] == '_')
			good[i] = '/';
	if (strpbrk(good, "+/") != NULL)
		expect_text_refused(key, "base64", slice_of(good));
	free(good);
	public_key_close(&key);
}

/* 96 bytes fill their base64: what follows has no bits to be seen by. */
static void
takes_no_letter_too_many(void **state)
{
	struct public_key *key = open_pkey(p384);
	char *good = jws_signature(
		&(struct jws_signer){ NULL, p384, "SHA384" }, TEXT);
	char *text = NULL;

	(void)state;
	assert_true(asprintf(&text, "%sA", good) > 0);
	assert_true(
		public_key_verify(key, 384, slice_of(TEXT), slice_of(good)));
	assert_false(
		public_key_verify(key, 384, slice_of(TEXT), slice_of(text)));
	free(text);
	free(good);
	public_key_close(&key);
}

/* What breaks careless readers of ECDSA signatures: zero, the order of the
 * curve, the DER form, halves of the wrong length. */
static void
refuses_impossible_pairs(void **state)
{
	static const unsigned char order[] = { 0xff, 0xff, 0xff, 0xff, 0x00,
		0x00, 0x00, 0x00, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
		0xff, 0xbc, 0xe6, 0xfa, 0xad, 0xa7, 0x17, 0x9e, 0x84, 0xf3,
		0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51 };
	static const size_t lengths[] = { 1, 32, 63, 64, 65, 66, 96, 132 };
	struct public_key *key = open_pkey(p256);
	unsigned char raw[132] = { 0 };
	char *text;

	(void)state;
	for (size_t i = 0; i < COUNT(lengths); i++) {
		text = jws_base64url(raw, lengths[i]);
		expect_text_refused(key, "zeros", slice_of(text));
		free(text);
	}
	memcpy(raw, order, sizeof(order));
	memcpy(raw + sizeof(order), order, sizeof(order));
	text = jws_base64url(raw, 2 * sizeof(order));
	expect_text_refused(key, "the order", slice_of(text));
	free(text);
	memset(raw, 0xff, sizeof(raw));
	text = jws_base64url(raw, 64);
	expect_text_refused(key, "ones", slice_of(text));
	free(text);
	text = jws_base64url("\x30\x06\x02\x01\x01\x02\x01\x01", 8);
	expect_text_refused(key, "DER", slice_of(text));
	free(text);
	public_key_close(&key);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(knows_the_kinds_of_keys),
		cmocka_unit_test(refuses_other_keys),
		cmocka_unit_test(refuses_other_texts),
		cmocka_unit_test(verifies_each_algorithm),
		cmocka_unit_test(agrees_with_the_example_of_the_rfc),
		cmocka_unit_test(refuses_the_signature_of_another_key),
		cmocka_unit_test(each_character_of_a_signature_counts),
		cmocka_unit_test(takes_canonical_base64url_only),
		cmocka_unit_test(takes_no_letter_too_many),
		cmocka_unit_test(refuses_impossible_pairs),
	};

	return cmocka_run_group_tests(tests, make_keys, drop_keys);
}
