#include "config.h"

#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#include "my500/digest.h"
#include "my500/log.h"

/* OpenSSL looks an algorithm up by name in about a microsecond, more than the
 * digest of a key takes: this one has it at hand, for the process's life. */
static EVP_MD_CTX *
sha256_ready(void)
{
	static EVP_MD_CTX *context;
	EVP_MD *sha256;

	if (context != NULL)
		return context;
	context = EVP_MD_CTX_new();
	sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
	if (context == NULL || sha256 == NULL ||
		EVP_DigestInit_ex2(context, sha256, NULL) != 1) {
		log_error("digest_unavailable");
		abort();
	}
	EVP_MD_free(sha256); /* the context holds it */
	return context;
}

void
digest_bytes(struct slice data, unsigned char bytes[DIGEST_BYTES])
{
	unsigned char digest[EVP_MAX_MD_SIZE];
	EVP_MD_CTX *context = sha256_ready();

	if (EVP_DigestInit_ex2(context, NULL, NULL) != 1 ||
		EVP_DigestUpdate(context, data.ptr, data.len) != 1 ||
		EVP_DigestFinal_ex(context, digest, NULL) != 1) {
		log_error("digest_unavailable");
		abort();
	}
	memcpy(bytes, digest, DIGEST_BYTES);
}

void
digest_text(struct slice data, char text[DIGEST_TEXT_BYTES])
{
	static const char digits[] = "0123456789abcdef";
	unsigned char bytes[DIGEST_BYTES];

	digest_bytes(data, bytes);
	for (size_t i = 0; i < DIGEST_BYTES; i++) {
		text[2 * i] = digits[bytes[i] >> 4];
		text[2 * i + 1] = digits[bytes[i] & 0x0f];
	}
	text[DIGEST_TEXT_BYTES - 1] = '\0';
}
