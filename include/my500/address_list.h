#ifndef MY500_ADDRESS_LIST_H
#define MY500_ADDRESS_LIST_H

#include <stdbool.h>

#include "my500/slice.h"

/* A list of networks, "127.0.0.0/8,::1" (CIDR, RFC 4632), parsed once. */
struct address_list;

/* STATUS_INVALID with `why`, whose field is `setting`. */
CHECKED enum status address_list_open(struct address_list **list,
	const char *text, const char *setting, struct reason *why);
void address_list_close(struct address_list **list);

/* Whether a REMOTE_ADDR is in it.  A web server's own unix socket, which has
 * no address (empty or "unix:"), always is. */
bool address_list_has(const struct address_list *list, struct slice address);

#endif
