#ifndef MY500_CONTACTS_H
#define MY500_CONTACTS_H

#include "my500/status.h"

struct exchange;
struct services;

/* GET /api/my-500: a page of the caller's contacts in priority order, each
 * with its latest activities (contract, section 1). */
CHECKED enum status contacts_answer(struct services *s, struct exchange *x);

#endif
