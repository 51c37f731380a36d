#ifndef MY500_FASTCGI_CLIENT_H
#define MY500_FASTCGI_CLIENT_H

#include "my500/buffer.h"
#include "my500/slice.h"
#include "my500/status.h"

/*
 * One GET, as a web server would ask it on the connection `fd`, which can not
 * be used again (FastCGI 1.0, sections 3 and 5; libfcgi has the server's side
 * only).  `answer` holds the whole answer then; `body` borrows from it.
 *
 * STATUS_NOT_FOUND: the answer is another than 200.  STATUS_UNAVAILABLE: there
 * was no whole answer within five seconds of silence.
 */
CHECKED enum status fastcgi_client_get(int fd, const char *path,
	const char *query, struct buffer *answer, struct slice *body);

#endif
