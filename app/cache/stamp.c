#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "my500/stamp.h"

/* So that a generation can be raised for ever without coming round. */
#define RANDOM_BITS 62

const struct stamp stamp_of_ttl = { "0", "0" };

void
stamp_ask_epoch(struct memcached_item *item)
{
	snprintf(item->key, sizeof(item->key), "my500:1:e");
}

void
stamp_ask_generation(struct memcached_item *item, const char *user_id)
{
	snprintf(item->key, sizeof(item->key), "my500:1:g:%s", user_id);
}

/* Copies a number; what is none leaves the text empty. */
static void
copy_number(char text[STAMP_NUMBER_BYTES], struct slice number)
{
	text[0] = '\0';
	if (number.len == 0 || number.len >= STAMP_NUMBER_BYTES ||
		!slice_consists_of(number, "0123456789"))
		return;
	memcpy(text, number.ptr, number.len);
	text[number.len] = '\0';
}

/* Parts the value of an epoch: its number, and whether that counts then. */
static bool
take_epoch(struct slice value, int64_t wall_us, struct slice *number)
{
	int64_t deadline_us;

	return slice_split(&value, ' ', number) &&
		slice_parse_int(value, 0, INT64_MAX, &deadline_us) &&
		wall_us < deadline_us;
}

struct stamp
stamp_read(const struct memcached_item *epoch,
	const struct memcached_item *generation, int64_t wall_us)
{
	struct stamp stamp = { "", "" };
	struct slice number;

	if (epoch->is_hit && take_epoch(epoch->value, wall_us, &number))
		copy_number(stamp.epoch, number);
	if (generation->is_hit)
		copy_number(stamp.generation, generation->value);
	return stamp;
}

void
stamp_print_epoch(char value[STAMP_EPOCH_BYTES], const char *number,
	int64_t deadline_wall_us)
{
	snprintf(value, STAMP_EPOCH_BYTES, "%s %lld", number,
		(long long)deadline_wall_us);
}

bool
stamp_is_epoch(struct slice value, const char *number)
{
	struct slice own;

	return slice_split(&value, ' ', &own) && slice_equals_text(own, number);
}

bool
stamp_is_whole(const struct stamp *stamp)
{
	return stamp->epoch[0] != '\0' && stamp->generation[0] != '\0';
}

void
stamp_begin_generation(
	struct stamp *stamp, struct memcached *m, const char *user_id)
{
	struct memcached_item item;
	char number[STAMP_NUMBER_BYTES];

	stamp_ask_generation(&item, user_id);
	stamp_make_number(number);
	if (memcached_create_key(m, slice_of(user_id), item.key,
		    slice_of(number), 0) == STATUS_OK)
		memcpy(stamp->generation, number, sizeof(number));
}

void
stamp_add(struct buffer *value, const struct stamp *stamp)
{
	buffer_printf(value, "%s %s\n", stamp->epoch, stamp->generation);
}

bool
stamp_take(struct slice *value, struct stamp *stamp)
{
	struct slice line, generation, epoch;

	if (!slice_split(value, '\n', &line) || value->ptr == NULL)
		return false;
	generation = line;
	if (!slice_split(&generation, ' ', &epoch))
		return false;
	copy_number(stamp->epoch, epoch);
	copy_number(stamp->generation, generation);
	return stamp_is_whole(stamp);
}

bool
stamp_agrees(const struct stamp *a, const struct stamp *b)
{
	return stamp_is_whole(a) && strcmp(a->epoch, b->epoch) == 0 &&
		strcmp(a->generation, b->generation) == 0;
}

void
stamp_make_number(char number[STAMP_NUMBER_BYTES])
{
	uint64_t random_bits = 0;

	/* up to 256 bytes come whole, once there is any: getrandom(2) */
	if (getrandom(&random_bits, sizeof(random_bits), 0) !=
		(ssize_t)sizeof(random_bits))
		abort();
	random_bits >>= 64 - RANDOM_BITS;
	snprintf(number, STAMP_NUMBER_BYTES, "%llu",
		(unsigned long long)random_bits + 1);
}
