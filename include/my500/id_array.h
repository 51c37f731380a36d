#ifndef MY500_ID_ARRAY_H
#define MY500_ID_ARRAY_H

#include <stdbool.h>

#include "my500/buffer.h"

/*
 * Adds the elements of an array to those of `joined`, which is empty or holds
 * such an array, without a NUL.  False, and nothing is added: `text` is not an
 * array as PostgreSQL writes one that has elements and one dimension (manual,
 * section 8.15.6).
 */
bool id_array_join(struct buffer *joined, const char *text);

#endif
