#ifndef MY500_USER_JSON_H
#define MY500_USER_JSON_H

#include "my500/buffer.h"
#include "my500/model.h"

/* The cached form of a user: what struct user has and nothing else, so
 * nothing secret (contract, section 5). */
void user_json_add(struct buffer *out, const struct user *user);

#endif
