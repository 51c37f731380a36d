#ifndef MY500_CGI_H
#define MY500_CGI_H

#include "my500/arena.h"
#include "my500/request.h"
#include "my500/response.h"

/* One plain CGI request (RFC 3875): the environment in, standard output out.
 * libfcgi's accept does not do that by itself. */

/* Whether this process was started to answer one. */
bool cgi_is_wanted(void);

void cgi_read(struct request *request, struct arena *arena);
void cgi_send(struct slice head, const struct response *response);

#endif
