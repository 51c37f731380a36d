#ifndef MY500_TESTS_JWS_H
#define MY500_TESTS_JWS_H

/*
 * Makes tokens for the tests, good ones and those that no library would make:
 * header and body are written as given, and signed for real with OpenSSL.
 * All texts are malloc'd.
 */

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Either a secret or a key; a digest as OpenSSL calls it. */
struct jws_signer {
	const char *secret;
	EVP_PKEY *key;
	const char *digest;
};

static inline void
jws_check(int ok)
{
	if (ok)
		return;
	fputs("# cannot make the tokens for this test\n", stderr);
	abort();
}

static inline char *
jws_base64url(const void *bytes, size_t len)
{
	unsigned char *text = malloc((len + 2) / 3 * 4 + 1);
	size_t end = 0;

	jws_check(text != NULL);
	EVP_EncodeBlock(text, bytes, (int)len);
	for (; text[end] != '\0' && text[end] != '='; end++)
		if (text[end] == '+')
			text[end] = '-';
		else if (text[end] == '/')
			text[end] = '_';
	text[end] = '\0';
	return (char *)text;
}

static inline char *
jws_pem(EVP_PKEY *key, int is_private)
{
	BIO *bio = BIO_new(BIO_s_mem());
	char *data = NULL, *pem;
	long len;

	jws_check(bio != NULL &&
		(is_private ? PEM_write_bio_PrivateKey(
				      bio, key, NULL, NULL, 0, NULL, NULL)
			    : PEM_write_bio_PUBKEY(bio, key)) == 1);
	len = BIO_get_mem_data(bio, &data);
	pem = strndup(data, (size_t)len);
	BIO_free(bio);
	jws_check(pem != NULL);
	return pem;
}

/* r and s side by side, as RFC 7518, 3.4, has them. */
static inline size_t
jws_ecdsa_raw(EVP_PKEY *key, unsigned char *signature, size_t len)
{
	const unsigned char *der = signature;
	ECDSA_SIG *parts = d2i_ECDSA_SIG(NULL, &der, (long)len);
	int field_bytes = (EVP_PKEY_get_bits(key) + 7) / 8;

	jws_check(parts != NULL);
	jws_check(BN_bn2binpad(ECDSA_SIG_get0_r(parts), signature,
			  field_bytes) == field_bytes);
	jws_check(BN_bn2binpad(ECDSA_SIG_get0_s(parts), signature + field_bytes,
			  field_bytes) == field_bytes);
	ECDSA_SIG_free(parts);
	return 2 * (size_t)field_bytes;
}

static inline size_t
jws_sign_with_key(const struct jws_signer *signer, const char *text,
	unsigned char *signature, size_t capacity)
{
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	size_t len = capacity;

	jws_check(context != NULL);
	jws_check(EVP_DigestSignInit_ex(context, NULL, signer->digest, NULL,
			  NULL, signer->key, NULL) == 1);
	jws_check(EVP_DigestSign(context, signature, &len,
			  (const unsigned char *)text, strlen(text)) == 1);
	EVP_MD_CTX_free(context);
	if (EVP_PKEY_is_a(signer->key, "EC"))
		return jws_ecdsa_raw(signer->key, signature, len);
	return len;
}

static inline size_t
jws_sign_with_secret(const struct jws_signer *signer, const char *text,
	unsigned char *signature)
{
	unsigned len = 0;

	jws_check(HMAC(EVP_get_digestbyname(signer->digest), signer->secret,
			  (int)strlen(signer->secret),
			  (const unsigned char *)text, strlen(text), signature,
			  &len) != NULL);
	return len;
}

/* The signature of `text`, as it stands in a token. */
static inline char *
jws_signature(const struct jws_signer *signer, const char *text)
{
	unsigned char signature[2048];
	size_t len;

	if (signer->secret != NULL)
		len = jws_sign_with_secret(signer, text, signature);
	else
		len = jws_sign_with_key(
			signer, text, signature, sizeof(signature));
	return jws_base64url(signature, len);
}

/* For headers and bodies that hold a NUL. */
static inline char *
jws_token_of_bytes(const struct jws_signer *signer, const char *header,
	size_t header_len, const char *body, size_t body_len)
{
	char *head = jws_base64url(header, header_len);
	char *claims = jws_base64url(body, body_len);
	char *text = NULL, *signature, *token = NULL;

	jws_check(asprintf(&text, "%s.%s", head, claims) > 0);
	signature = jws_signature(signer, text);
	jws_check(asprintf(&token, "%s.%s", text, signature) > 0);
	free(signature);
	free(text);
	free(claims);
	free(head);
	return token;
}

static inline char *
jws_token(const struct jws_signer *signer, const char *header, const char *body)
{
	return jws_token_of_bytes(
		signer, header, strlen(header), body, strlen(body));
}

#endif
