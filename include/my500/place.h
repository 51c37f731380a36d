#ifndef MY500_PLACE_H
#define MY500_PLACE_H

#include "my500/arena.h"
#include "my500/model.h"

/* A place in the order of contacts, as PostgreSQL writes and reads it. */

/* The place of a contact, by its CONTACT_COLUMNS cells, whose text it borrows.
 * false when a column holds what the contract (6.1) does not have there. */
CHECKED bool place_read(struct place *place, const struct slice *cells);

#define PLACE_PARAMETERS 5

/* The parameters addedToCampaign, warmnessScore, lastContacted, createdAt and
 * id of a statement; lastContacted is NULL when there is none. */
void place_print(const struct place *place, struct arena *arena,
	const char *parameters[PLACE_PARAMETERS]);

#endif
