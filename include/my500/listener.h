#ifndef MY500_LISTENER_H
#define MY500_LISTENER_H

#include <stdbool.h>
#include <sys/types.h>
#include <sys/un.h>

#include "my500/status.h"

/* The listening socket that the workers share. */
struct listener {
	int fd;
	/* of a unix socket that we made; or "" */
	char path[sizeof(((struct sockaddr_un *)0)->sun_path)];
	pid_t owner; /* who made it, and alone may remove it */
	bool is_inherited;
};

/*
 * Opens `text` ("unix:/path", mode 0660; "host:port"; "[::1]:port"); for ""
 * takes the socket inherited by LISTEN_FDS (sd_listen_fds(3)) or as descriptor
 * 0 (FastCGI specification 1.0, section 2.2).  STATUS_NOT_FOUND: none of them.
 * STATUS_INVALID with `why`, whose field is `setting`: it can't be opened.
 */
CHECKED enum status listener_open(struct listener *l, const char *text,
	const char *setting, struct reason *why);

/* Whether `text` has a form that listener_open() takes; "" has.
 * STATUS_INVALID with `why`, whose field is `setting`. */
CHECKED enum status
listener_check(const char *text, const char *setting, struct reason *why);

/* Closes it and removes the path that listener_open() made. */
void listener_close(struct listener *l);

#endif
