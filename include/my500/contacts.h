#ifndef MY500_CONTACTS_H
#define MY500_CONTACTS_H

#include "my500/status.h"

struct exchange;
struct services;

/* GET /api/my-500: the caller's contacts in priority order, by pages.
 * STATUS_OK: the response is there, but for its last headers. */
CHECKED enum status
contacts_answer(struct services *services, struct exchange *exchange);

/* GET /api/my-500/search: the same, of those that match `q`. */
CHECKED enum status
contacts_answer_search(struct services *services, struct exchange *exchange);

/* Stores what either has read for the next request: best done once the answer
 * has been sent. */
void
contacts_remember(struct services *services, const struct exchange *exchange);

#endif
