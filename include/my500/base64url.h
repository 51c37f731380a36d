#ifndef MY500_BASE64URL_H
#define MY500_BASE64URL_H

#include "my500/buffer.h"

/* base64url without padding (RFC 4648, section 5). */

void base64url_add(struct buffer *out, struct slice bytes);

/* Adds the bytes of a text.  false, and nothing added, when it is empty, has
 * other characters, or is not the one text that these bytes have. */
CHECKED bool base64url_decode(struct slice text, struct buffer *out);

#endif
