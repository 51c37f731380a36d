#include "config.h"

#include <string.h>

#include "my500/config_name.h"

#define PREFIX         "MY500_"
#define NAME_BYTES_MAX 40

/* So many letters wrong, missing or too many are a slip of the pen. */
#define SLIP_LETTERS_MAX 2

static const char *const names[] = {
#define TEXT(name, field, shown, initial, help)      name,
#define NUMBER(name, field, initial, min, max, help) name,
#define CHOICE(name, field, words, initial, help)    name,
#include "my500/config.def"
};

bool
config_name_is_ours(struct slice name)
{
	const size_t len = sizeof(PREFIX) - 1;

	return name.len >= len && memcmp(name.ptr, PREFIX, len) == 0;
}

bool
config_name_has_control(struct slice text)
{
	for (size_t i = 0; i < text.len; i++)
		if ((unsigned char)text.ptr[i] < ' ' || text.ptr[i] == 0x7f)
			return true;
	return false;
}

static size_t
smaller(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* Letters to change, add or drop to make one of the other (Levenshtein). */
static size_t
distance(struct slice a, struct slice b)
{
	size_t costs[NAME_BYTES_MAX + 1];

	for (size_t j = 0; j <= b.len; j++)
		costs[j] = j;
	for (size_t i = 1; i <= a.len; i++) {
		size_t diagonal = costs[0];

		costs[0] = i;
		for (size_t j = 1; j <= b.len; j++) {
			size_t change = diagonal +
				(a.ptr[i - 1] != b.ptr[j - 1]);

			diagonal = costs[j];
			costs[j] = smaller(
				change, smaller(diagonal, costs[j - 1]) + 1);
		}
	}
	return costs[b.len];
}

enum status
config_name_refuse(struct slice name, struct reason *why)
{
	static const char configuration[] = "configuration";
	const char *nearest = NULL;
	size_t least = SLIP_LETTERS_MAX + 1;

	/* What else stands before a "=" may be a piece of a secret. */
	if (!config_name_is_ours(name) || name.len > NAME_BYTES_MAX ||
		config_name_has_control(name))
		return status_refuse(why, configuration,
			"only DATABASE_URL and the " PREFIX
			" settings have a place here");
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		size_t d = distance(slice_of(names[i]), name);

		if (d < least) {
			least = d;
			nearest = names[i];
		}
	}
	if (nearest == NULL)
		return status_refuse(why, configuration, "%.*s is no setting",
			(int)name.len, name.ptr);
	return status_refuse(why, configuration,
		"%.*s is no setting; did you mean %s?", (int)name.len, name.ptr,
		nearest);
}
