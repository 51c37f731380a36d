#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "my500/cgi.h"
#include "my500/clock.h"

bool
cgi_is_wanted(void)
{
	return getenv("GATEWAY_INTERFACE") != NULL;
}

void
cgi_read(struct request *request, struct arena *arena)
{
	request_read(request, environ, clock_now_us(), arena);
}

static void
put(struct slice text)
{
	ssize_t done;

	while (text.len > 0) {
		done = write(STDOUT_FILENO, text.ptr, text.len);
		if (done < 0 && errno != EINTR)
			return; /* the web server has gone */
		if (done > 0) {
			text.ptr += done;
			text.len -= (size_t)done;
		}
	}
}

void
cgi_send(struct slice head, const struct response *response)
{
	put(head);
	for (int i = 0; i < response->part_count; i++)
		put(response->parts[i]);
}
