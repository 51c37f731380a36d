#ifndef MY500_PERCENT_H
#define MY500_PERCENT_H

#include "my500/arena.h"
#include "my500/slice.h"

enum percent_plus {
	PERCENT_PLUS_LITERAL,
	PERCENT_PLUS_IS_SPACE
};

/*
 * Decodes %XX (RFC 3986, 2.1) and, where asked, + as a space
 * (application/x-www-form-urlencoded).  The text is in `arena`, NUL-terminated.
 * STATUS_INVALID: a broken escape, a NUL, or no UTF-8.
 */
CHECKED enum status percent_decode(struct slice text, enum percent_plus plus,
	struct arena *arena, struct slice *decoded);

#endif
