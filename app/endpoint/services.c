#include "config.h"

#include "my500/address_list.h"
#include "my500/arena.h"
#include "my500/config.h"
#include "my500/database.h"
#include "my500/memcached.h"
#include "my500/services.h"
#include "my500/token.h"

/* A usual page is 50 kB; what a rare large one took is given back. */
#define KEEP_BYTES ((size_t)256 * 1024)

enum status
services_open(struct services *services, const struct config *config,
	struct reason *why)
{
	enum status st;

	*services = (struct services){ .config = config, .workers_fd = -1 };
	services->arena = arena_open();
	st = token_verifier_open(&services->verifier, config, why);
	if (st == STATUS_OK)
		st = database_open(&services->database, config, why);
	if (st == STATUS_OK)
		st = memcached_open(&services->memcached, config, why);
	if (st == STATUS_OK)
		st = address_list_open(&services->admin_allow,
			config->admin_allow, "MY500_ADMIN_ALLOW", why);
	if (st == STATUS_OK && *config->base_path != '\0' &&
		*config->base_path != '/')
		st = status_refuse(
			why, "MY500_BASE_PATH", "must begin with a slash");
	if (st != STATUS_OK)
		services_close(services);
	return st;
}

void
services_close(struct services *services)
{
	address_list_close(&services->admin_allow);
	memcached_close(&services->memcached);
	database_close(&services->database);
	token_verifier_close(&services->verifier);
	arena_close(&services->arena);
	buffer_close(&services->data);
	buffer_close(&services->text);
	buffer_close(&services->head);
}

void
services_reset(struct services *services)
{
	arena_reset(services->arena);
	buffer_clear(&services->data, KEEP_BYTES);
	buffer_clear(&services->text, KEEP_BYTES);
	buffer_clear(&services->head, KEEP_BYTES);
}
