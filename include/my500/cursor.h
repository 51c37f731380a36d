#ifndef MY500_CURSOR_H
#define MY500_CURSOR_H

#include "my500/arena.h"
#include "my500/buffer.h"
#include "my500/model.h"

/*
 * Cursors as text (contract 1.1): a place in the order of contacts, sealed with
 * a checksum of it, of the user, the endpoint and `q`.  Who makes one himself
 * gets another place among his own contacts, for the user is never taken from
 * it: so the seal needs no key.  It keeps mistakes out.
 */

/* Adds the cursor of a page that goes on from the one `params` asks for. */
void cursor_add(struct buffer *out, const struct page_params *params,
	const struct cursor *cursor);

/* Reads `text` into params->cursor.  false when it is none, or was given out
 * for something else than `params` asks for. */
CHECKED bool
cursor_read(struct slice text, struct arena *arena, struct page_params *params);

#endif
