#ifndef MY500_DIGEST_H
#define MY500_DIGEST_H

#include "my500/slice.h"

#define DIGEST_BYTES      16
#define DIGEST_TEXT_BYTES 33

/* The first 128 bits of the SHA-256 of `data`. */
void digest_bytes(struct slice data, unsigned char bytes[DIGEST_BYTES]);

/* The same, as 32 hex digits and a NUL. */
void digest_text(struct slice data, char text[DIGEST_TEXT_BYTES]);

#endif
