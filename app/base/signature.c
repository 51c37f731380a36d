#include "config.h"

#include <assert.h>
#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <stdlib.h>
#include <string.h>

#include "my500/base64url.h"
#include "my500/memory.h"
#include "my500/signature.h"

#define RSA_BITS_MIN 2048
#define RSA_BITS_MAX 8192

#define FIELD_BYTES_MAX 66

/* SEQUENCE { INTEGER r, INTEGER s }: 3 + 2 * (2 + 1 + 66), rounded up. */
#define ECDSA_DER_MAX 160

#define HASHES 3

struct hash {
	EVP_MD *digest;
	EVP_PKEY_CTX *verifier; /* ready for any number of EVP_PKEY_verify() */
};

struct public_key {
	EVP_PKEY *pkey;
	enum signature_kind kind;
	int field_bytes;
	struct hash hashes[HASHES]; /* in the order of hash_names */
};

static const char *const hash_names[HASHES] = { "SHA256", "SHA384", "SHA512" };

static const struct {
	const char *group;
	int field_bytes;
} curves[] = {
	{ "prime256v1", 32 },
	{ "secp384r1", 48 },
	{ "secp521r1", FIELD_BYTES_MAX },
};

/* OpenSSL's reader passes over blocks that it was not asked for: what it gets
 * to see is one block of the one kind. */
static bool
is_one_public_key(const char *pem)
{
	static const char opening[] = "-----BEGIN ";
	static const char wanted[] = "-----BEGIN PUBLIC KEY-----";
	const char *block = strstr(pem, opening);

	return block != NULL &&
		strncmp(block, wanted, sizeof(wanted) - 1) == 0 &&
		strstr(block + 1, opening) == NULL;
}

/* A public key is not encrypted; without this the reader would ask for a
 * password on the terminal. */
static int
give_no_password(char *buf, int size, int writing, void *context)
{
	(void)buf;
	(void)size;
	(void)writing;
	(void)context;
	return -1;
}

static EVP_PKEY *
read_pem(const char *pem)
{
	EVP_PKEY *pkey = NULL;
	BIO *bio;

	if (!is_one_public_key(pem))
		return NULL;
	bio = BIO_new_mem_buf(pem, -1);
	if (bio != NULL)
		pkey = PEM_read_bio_PUBKEY(bio, NULL, give_no_password, NULL);
	BIO_free(bio);
	return pkey;
}

static bool
is_usable_rsa(const EVP_PKEY *pkey)
{
	int bits = EVP_PKEY_get_bits(pkey);

	return EVP_PKEY_is_a(pkey, "RSA") && bits >= RSA_BITS_MIN &&
		bits <= RSA_BITS_MAX;
}

/* 0 when it is no EC key, or on a curve that RFC 7518 does not name. */
static int
field_bytes_of(const EVP_PKEY *pkey)
{
	char group[32];

	if (!EVP_PKEY_is_a(pkey, "EC") ||
		!EVP_PKEY_get_group_name(pkey, group, sizeof(group), NULL))
		return 0;
	for (size_t i = 0; i < sizeof(curves) / sizeof(curves[0]); i++)
		if (strcmp(group, curves[i].group) == 0)
			return curves[i].field_bytes;
	return 0;
}

static bool
classify(struct public_key *key)
{
	key->kind = SIGNATURE_RSA;
	if (is_usable_rsa(key->pkey))
		return true;
	key->kind = SIGNATURE_ECDSA;
	key->field_bytes = field_bytes_of(key->pkey);
	return key->field_bytes != 0;
}

/* The numbers make a key: a point on the curve, a modulus that is odd, … */
static bool
is_sound(EVP_PKEY *pkey)
{
	EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_pkey(NULL, pkey, NULL);
	bool sound = context != NULL && EVP_PKEY_public_check(context) == 1;

	EVP_PKEY_CTX_free(context);
	return sound;
}

static bool
prepare(const struct public_key *key, const char *name, struct hash *hash)
{
	EVP_PKEY_CTX *verifier;

	hash->digest = EVP_MD_fetch(NULL, name, NULL);
	verifier = EVP_PKEY_CTX_new_from_pkey(NULL, key->pkey, NULL);
	hash->verifier = verifier;
	if (hash->digest == NULL || verifier == NULL ||
		EVP_PKEY_verify_init(verifier) != 1 ||
		EVP_PKEY_CTX_set_signature_md(verifier, hash->digest) != 1)
		return false;
	return key->kind != SIGNATURE_RSA ||
		EVP_PKEY_CTX_set_rsa_padding(verifier, RSA_PKCS1_PADDING) == 1;
}

static bool
open_key(struct public_key *key, const char *pem)
{
	key->pkey = read_pem(pem);
	if (key->pkey == NULL || !classify(key) || !is_sound(key->pkey))
		return false;
	for (size_t i = 0; i < HASHES; i++)
		if (!prepare(key, hash_names[i], &key->hashes[i]))
			return false;
	return true;
}

enum status
public_key_open(struct public_key **key, const char *pem)
{
	bool is_open;

	*key = memory_zeroed(1, sizeof(**key));
	is_open = open_key(*key, pem);
	ERR_clear_error();
	if (is_open)
		return STATUS_OK;
	public_key_close(key);
	return STATUS_INVALID;
}

void
public_key_close(struct public_key **key)
{
	if (*key == NULL)
		return;
	for (size_t i = 0; i < HASHES; i++) {
		EVP_PKEY_CTX_free((*key)->hashes[i].verifier);
		EVP_MD_free((*key)->hashes[i].digest);
	}
	EVP_PKEY_free((*key)->pkey);
	free(*key);
	*key = NULL;
}

enum signature_kind
public_key_kind(const struct public_key *key)
{
	return key->kind;
}

int
public_key_field_bytes(const struct public_key *key)
{
	return key->field_bytes;
}

static ECDSA_SIG *
ecdsa_from_raw(const unsigned char *raw, int field_bytes)
{
	ECDSA_SIG *signature = ECDSA_SIG_new();
	BIGNUM *r = BN_bin2bn(raw, field_bytes, NULL);
	BIGNUM *s = BN_bin2bn(raw + field_bytes, field_bytes, NULL);

	if (signature != NULL && r != NULL && s != NULL &&
		ECDSA_SIG_set0(signature, r, s) == 1)
		return signature;
	BN_free(r);
	BN_free(s);
	ECDSA_SIG_free(signature);
	return NULL;
}

/* From r and s side by side, as a JWS has them, to what OpenSSL takes.
 * Returns the length, 0 when that can not be. */
static size_t
ecdsa_to_der(const unsigned char *raw, int field_bytes,
	unsigned char der[ECDSA_DER_MAX])
{
	ECDSA_SIG *signature = ecdsa_from_raw(raw, field_bytes);
	int len = 0;

	if (signature != NULL)
		len = i2d_ECDSA_SIG(signature, NULL);
	if (len > 0 && len <= ECDSA_DER_MAX)
		len = i2d_ECDSA_SIG(signature, &der);
	ECDSA_SIG_free(signature);
	return len > 0 && len <= ECDSA_DER_MAX ? (size_t)len : 0;
}

static bool
verify_bytes(const struct public_key *key, const struct hash *hash,
	struct slice signed_text, const unsigned char *signature, size_t len)
{
	unsigned char digest[EVP_MAX_MD_SIZE], der[ECDSA_DER_MAX];
	unsigned digest_len = 0;

	if (EVP_Digest(signed_text.ptr, signed_text.len, digest, &digest_len,
		    hash->digest, NULL) != 1)
		return false;
	if (key->kind == SIGNATURE_ECDSA) {
		if (len != 2 * (size_t)key->field_bytes)
			return false;
		len = ecdsa_to_der(signature, key->field_bytes, der);
		signature = der;
	}
	return len > 0 &&
		EVP_PKEY_verify(hash->verifier, signature, len, digest,
			digest_len) == 1;
}

bool
public_key_verify(struct public_key *key, int hash_bits,
	struct slice signed_text, struct slice signature)
{
	struct buffer bytes = { NULL, 0, 0 };
	const struct hash *hash;
	bool verified;

	assert(hash_bits == 256 || hash_bits == 384 || hash_bits == 512);
	hash = &key->hashes[hash_bits / 128 - 2];
	verified = base64url_decode(signature, &bytes) &&
		verify_bytes(key, hash, signed_text,
			(const unsigned char *)bytes.ptr, bytes.len);
	buffer_close(&bytes);
	if (!verified)
		ERR_clear_error();
	return verified;
}
