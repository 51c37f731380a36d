#ifndef MY500_STATUS_VIEW_H
#define MY500_STATUS_VIEW_H

#include <stdbool.h>

struct arena;
struct config;

/*
 * --status: asks the admin worker on MY500_ADMIN_LISTEN for its table and
 * prints it on standard output.  is_watched (--watch): again each second, on a
 * terminal in the same place, until a signal ends it; the admin worker may be
 * away in between.  Returns the exit code: EX_OK, EX_CONFIG, EX_UNAVAILABLE;
 * EX_IOERR when nobody reads what it prints.
 */
int status_view_run(
	const struct config *config, struct arena *arena, bool is_watched);

#endif
