#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "my500/log.h"
#include "my500/memory.h"

static void *
checked(void *memory)
{
	if (memory == NULL) {
		log_error("out_of_memory");
		abort();
	}
	return memory;
}

void *
memory_alloc(size_t bytes)
{
	return checked(malloc(bytes == 0 ? 1 : bytes));
}

void *
memory_zeroed(size_t count, size_t bytes)
{
	return checked(calloc(count == 0 ? 1 : count, bytes == 0 ? 1 : bytes));
}

void *
memory_resize(void *old, size_t bytes)
{
	return checked(realloc(old, bytes == 0 ? 1 : bytes));
}

char *
memory_copy_text(const char *text)
{
	return checked(strdup(text));
}
