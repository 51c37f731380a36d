#ifndef MY500_ETAG_H
#define MY500_ETAG_H

#include <stdbool.h>

#include "my500/digest.h"

#define ETAG_BYTES (DIGEST_TEXT_BYTES + 4)

/* W/"…" over `data`: weak, for the performance figures beside it differ. */
void etag_make(struct slice data, char etag[ETAG_BYTES]);

/* Whether an If-None-Match header (a list of tags, or *) holds `etag` by weak
 * comparison (RFC 9110, sections 8.8.3.2 and 13.1.2). */
bool etag_is_in(struct slice if_none_match, struct slice etag);

#endif
