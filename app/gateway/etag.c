#include "config.h"

#include <stdio.h>
#include <string.h>

#include "my500/etag.h"

void
etag_make(struct slice data, char etag[ETAG_BYTES])
{
	char digest[DIGEST_TEXT_BYTES];

	digest_text(data, digest);
	snprintf(etag, ETAG_BYTES, "W/\"%s\"", digest);
}

/* The opaque part, with its quotes: weak comparison ignores W/. */
static struct slice
opaque(struct slice tag)
{
	if (tag.len >= 2 && tag.ptr[0] == 'W' && tag.ptr[1] == '/') {
		tag.ptr += 2;
		tag.len -= 2;
	}
	return tag;
}

bool
etag_is_in(struct slice if_none_match, struct slice etag)
{
	struct slice wanted = opaque(etag), tag;

	if (slice_equals_text(slice_trim(if_none_match), "*"))
		return true;
	/* a comma inside another's tag parts it; ours has none to match */
	while (slice_split(&if_none_match, ',', &tag))
		if (slice_equals(opaque(slice_trim(tag)), wanted))
			return true;
	return false;
}
