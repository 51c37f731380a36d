#ifndef MY500_SIGNATURE_H
#define MY500_SIGNATURE_H

#include <stdbool.h>

#include "my500/slice.h"
#include "my500/status.h"

/*
 * A public key, parsed once: OpenSSL's PEM reader costs more than ten times
 * what checking an RS256 signature does (libjwt would do both for every
 * token).
 */
struct public_key;

enum signature_kind {
	SIGNATURE_RSA,
	SIGNATURE_ECDSA
};

/*
 * Reads the one block "BEGIN PUBLIC KEY" in `pem`.  STATUS_INVALID when there
 * is something else (a private key, a certificate, a second block), or a key
 * that we can not use: it must be RSA of 2048 to 8192 bits, or EC on P-256,
 * P-384 or P-521.
 */
CHECKED enum status public_key_open(struct public_key **key, const char *pem);
void public_key_close(struct public_key **key);

enum signature_kind public_key_kind(const struct public_key *key);

/* Bytes of one coordinate of its curve: 32, 48 or 66; 0 for RSA. */
int public_key_field_bytes(const struct public_key *key);

/*
 * RSASSA-PKCS1-v1_5 or ECDSA over SHA-`hash_bits`, which is 256, 384 or 512
 * (RFC 7518, 3.3 and 3.4).  `signature` is base64url without padding, as it
 * stands in a JWS; of the texts that decode to the same bytes only the
 * canonical one passes.
 */
CHECKED bool public_key_verify(struct public_key *key, int hash_bits,
	struct slice signed_text, struct slice signature);

#endif
