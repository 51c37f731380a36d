#include "config.h"

#include <openssl/evp.h>

#include "my500/base64url.h"

#define ALPHABET                     \
	"ABCDEFGHIJKLMNOPQRSTUVWXYZ" \
	"abcdefghijklmnopqrstuvwxyz" \
	"0123456789-_"

/* Far more than a header can bring, far less than an int can hold. */
#define TEXT_MAX ((size_t)1 << 20)

static void
replace(char *text, size_t len, char from, char to)
{
	for (size_t i = 0; i < len; i++)
		if (text[i] == from)
			text[i] = to;
}

/* Groups of three bytes become groups of four characters. */
void
base64url_add(struct buffer *out, struct slice bytes)
{
	size_t padded_len = (bytes.len + 2) / 3 * 4;
	char *text = buffer_reserve(out, padded_len + 1); /* and a NUL */

	EVP_EncodeBlock((unsigned char *)text, (const unsigned char *)bytes.ptr,
		(int)bytes.len);
	replace(text, padded_len, '+', '-');
	replace(text, padded_len, '/', '_');
	out->len += (bytes.len * 4 + 2) / 3; /* without the padding */
}

/* To the standard alphabet, padded. */
static void
translate(struct buffer *base64, struct slice text)
{
	buffer_add_slice(base64, text);
	replace(base64->ptr, base64->len, '-', '+');
	replace(base64->ptr, base64->len, '_', '/');
	while (base64->len % 4 != 0)
		buffer_add_char(base64, '=');
}

bool
base64url_decode(struct slice text, struct buffer *out)
{
	struct buffer base64 = { NULL, 0, 0 };
	size_t len = text.len * 3 / 4;
	char *bytes;
	int padded_len;

	if (text.len == 0 || text.len > TEXT_MAX || text.len % 4 == 1 ||
		!slice_consists_of(text, ALPHABET))
		return false;
	translate(&base64, text);
	bytes = buffer_reserve(out, base64.len / 4 * 3);
	padded_len = EVP_DecodeBlock((unsigned char *)bytes,
		(const unsigned char *)base64.ptr, (int)base64.len);
	buffer_close(&base64);
	if (padded_len < 0)
		return false;
	/* Bits beyond the last byte: two texts would mean the same bytes. */
	for (size_t i = len; i < (size_t)padded_len; i++)
		if (bytes[i] != 0)
			return false;
	out->len += len;
	return true;
}
