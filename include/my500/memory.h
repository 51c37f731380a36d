#ifndef MY500_MEMORY_H
#define MY500_MEMORY_H

#include <stddef.h>

/*
 * malloc, calloc and realloc that never return NULL: a process without memory
 * says so in its log and aborts.  Free with free().
 */
void *memory_alloc(size_t bytes);
void *memory_zeroed(size_t count, size_t bytes);
void *memory_resize(void *old, size_t bytes);
char *memory_copy_text(const char *text);

#endif
