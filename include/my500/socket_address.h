#ifndef MY500_SOCKET_ADDRESS_H
#define MY500_SOCKET_ADDRESS_H

#include "my500/status.h"

/* Where a socket is bound, as settings say it. */
struct socket_address {
	const char *path; /* of "unix:/path", borrowed; NULL: host and port */
	char host[256];
	char port[6];
};

/*
 * Reads "unix:/path", "host:port" or "[::1]:port".  STATUS_INVALID with `why`,
 * whose field is `setting`, and what would be right.
 */
CHECKED enum status socket_address_parse(struct socket_address *a,
	const char *text, const char *setting, struct reason *why);

/*
 * Connects; `fd` is the caller's to close.  STATUS_INVALID with `why`, whose
 * field is `setting`: there is nobody.
 */
CHECKED enum status socket_address_connect(const struct socket_address *a,
	const char *setting, int *fd, struct reason *why);

#endif
