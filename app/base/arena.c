#include "config.h"

#include <assert.h>
#include <stdalign.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "my500/arena.h"
#include "my500/memory.h"

#define BLOCK_BYTES ((size_t)64 * 1024)
#define ALIGNMENT   alignof(max_align_t)

struct block {
	struct block *older;
	size_t used;
	size_t size;
	alignas(max_align_t) char bytes[];
};

struct arena {
	struct block *newest;
};

static struct block *
block_open(size_t size, struct block *older)
{
	struct block *block = memory_alloc(sizeof(*block) + size);

	block->older = older;
	block->used = 0;
	block->size = size;
	return block;
}

struct arena *
arena_open(void)
{
	struct arena *a = memory_alloc(sizeof(*a));

	a->newest = block_open(BLOCK_BYTES, NULL);
	return a;
}

void
arena_close(struct arena **a)
{
	if (*a == NULL)
		return;
	arena_reset(*a);
	free((*a)->newest);
	free(*a);
	*a = NULL;
}

void *
arena_alloc(struct arena *a, size_t bytes)
{
	size_t need = (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
	struct block *block = a->newest;
	void *memory;

	assert(need >= bytes);
	if (block->size - block->used < need) {
		block = block_open(
			need > BLOCK_BYTES ? need : BLOCK_BYTES, a->newest);
		a->newest = block;
	}
	memory = block->bytes + block->used;
	block->used += need;
	return memset(memory, 0, need);
}

char *
arena_copy(struct arena *a, struct slice s)
{
	char *copy = arena_alloc(a, s.len + 1);

	if (s.len > 0)
		memcpy(copy, s.ptr, s.len);
	return copy;
}

char *
arena_printf(struct arena *a, const char *format, ...)
{
	va_list args;
	char *text;
	int len;

	va_start(args, format);
	len = vsnprintf(NULL, 0, format, args);
	va_end(args);
	assert(len >= 0);
	text = arena_alloc(a, (size_t)len + 1);
	va_start(args, format);
	vsnprintf(text, (size_t)len + 1, format, args);
	va_end(args);
	return text;
}

void
arena_reset(struct arena *a)
{
	struct block *older;

	while ((older = a->newest->older) != NULL) {
		free(a->newest);
		a->newest = older;
	}
	a->newest->used = 0;
}
