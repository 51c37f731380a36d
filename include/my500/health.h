#ifndef MY500_HEALTH_H
#define MY500_HEALTH_H

#include "my500/status.h"

struct exchange;
struct services;

/* GET /healthz: this worker runs; touches nothing else. */
CHECKED enum status health_answer_live(struct services *s, struct exchange *x);

/* GET /readyz: 200 when pages can be served, else 503, and how each dependency
 * does.  A cache that is down is told, and is no reason for 503. */
CHECKED enum status health_answer_ready(struct services *s, struct exchange *x);

#endif
