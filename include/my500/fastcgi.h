#ifndef MY500_FASTCGI_H
#define MY500_FASTCGI_H

#include <stdbool.h>

#include "my500/arena.h"
#include "my500/request.h"
#include "my500/response.h"

/*
 * The FastCGI side of one worker (libfcgi): one connection, one request at a
 * time.  SIGTERM and SIGINT are blocked but while it waits for a request, so
 * that a request in hand is always finished.
 */
struct fastcgi;

/* Serves the listening socket `listen_fd`, which is made non-blocking:
 * several workers share it. */
struct fastcgi *fastcgi_open(int listen_fd);
void fastcgi_close(struct fastcgi **f);

/*
 * Waits for the next request and reads it, its body too, which is thrown
 * away.  STATUS_NOT_FOUND: told to stop.  STATUS_INTERNAL: the socket is of no
 * use any more (logged).
 */
CHECKED enum status
fastcgi_accept(struct fastcgi *f, struct arena *arena, struct request *request);

/* Sends head and body, and ends the request.  A client that has gone is no
 * error: its answer is dropped. */
void fastcgi_send(
	struct fastcgi *f, struct slice head, const struct response *response);

/* Makes fastcgi_accept() return; for signal handlers. */
void fastcgi_stop(void);

#endif
