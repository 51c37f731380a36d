#ifndef MY500_FAILURE_H
#define MY500_FAILURE_H

#include "my500/status.h"

struct exchange;
struct services;

/* Turns a status into the answer of the contract, section 3.  The only place
 * that does. */
void failure_answer(struct services *s, struct exchange *x, enum status status);

#endif
