#ifndef MY500_SERVICES_H
#define MY500_SERVICES_H

#include "my500/buffer.h"
#include "my500/status.h"

struct address_list;
struct arena;
struct config;
struct database;
struct memcached;
struct token_verifier;

/* What a worker owns and lends to the endpoints. */
struct services {
	const struct config *config;
	struct database *database;
	struct memcached *memcached;
	struct token_verifier *verifier;
	struct address_list *admin_allow;
	struct arena *arena; /* reset after each request */
	struct buffer data;  /* the `data` object of a page */
	struct buffer text;  /* the small texts around it */
	struct buffer head;
	bool is_admin;  /* of the administrators' socket: no data */
	int workers_fd; /* the workers' socket; -1: not known */
};

/* Opens all of it; connects nowhere yet.  STATUS_INVALID with `why`: a setting
 * that its owner can't use. */
CHECKED enum status services_open(struct services *services,
	const struct config *config, struct reason *why);
void services_close(struct services *services);

/* Lets go of what the last request used. */
void services_reset(struct services *services);

#endif
