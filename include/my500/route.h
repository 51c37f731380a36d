#ifndef MY500_ROUTE_H
#define MY500_ROUTE_H

#include <stdbool.h>

#include "my500/metrics.h"
#include "my500/slice.h"

struct exchange;
struct services;

/* A path that we serve. */
struct route {
	const char *path;
	/* STATUS_OK: the response is complete but for its last headers. */
	enum status (*answer)(struct services *, struct exchange *);
	bool is_data; /* a user's data: identity, timing headers */
	enum metrics_endpoint endpoint;
	const char *failure; /* the public words of a 500 */
};

/* The route of a path below `base_path`, NULL when there is none. */
const struct route *route_find(struct slice path, const char *base_path);

#endif
