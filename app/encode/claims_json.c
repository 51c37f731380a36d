#include "config.h"

#include <json-c/json.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "my500/claims_json.h"
#include "my500/memory.h"

#define DEPTH_MAX 32

struct claims {
	struct json_object *root;
};

/* json-c cuts the name of a member at \u0000: two names would be one. */
static bool
mentions_nul(struct slice json)
{
	static const char escaped[] = "\\u0000";

	return memmem(json.ptr, json.len, escaped, sizeof(escaped) - 1) != NULL;
}

/* NULL unless `json` is one value from its first byte to its last. */
static struct json_object *
parse(struct slice json)
{
	struct json_tokener *tokener;
	struct json_object *root;

	if (json.len == 0 || json.len > INT_MAX || mentions_nul(json))
		return NULL;
	tokener = json_tokener_new_ex(DEPTH_MAX);
	if (tokener == NULL)
		return NULL;
	/* not JSON_TOKENER_STRICT: json-c 0.18 takes letters beyond ASCII for
	 * control characters then, and libjwt's parser was strict before */
	json_tokener_set_flags(tokener, JSON_TOKENER_VALIDATE_UTF8);
	root = json_tokener_parse_ex(tokener, json.ptr, (int)json.len);
	if (json_tokener_get_error(tokener) != json_tokener_success ||
		json_tokener_get_parse_end(tokener) != json.len) {
		json_object_put(root);
		root = NULL;
	}
	json_tokener_free(tokener);
	return root;
}

enum status
claims_open(struct claims **claims, struct slice json)
{
	struct json_object *root = parse(json);

	*claims = NULL;
	if (!json_object_is_type(root, json_type_object)) {
		json_object_put(root);
		return STATUS_INVALID;
	}
	*claims = memory_alloc(sizeof(**claims));
	(*claims)->root = root;
	return STATUS_OK;
}

void
claims_close(struct claims **claims)
{
	if (*claims == NULL)
		return;
	json_object_put((*claims)->root);
	free(*claims);
	*claims = NULL;
}

bool
claims_has(const struct claims *claims, const char *name)
{
	return json_object_object_get_ex(claims->root, name, NULL);
}

static struct slice
text_of(struct json_object *value)
{
	if (!json_object_is_type(value, json_type_string))
		return (struct slice){ NULL, 0 };
	return (struct slice){ json_object_get_string(value),
		(size_t)json_object_get_string_len(value) };
}

struct slice
claims_text(const struct claims *claims, const char *name)
{
	return text_of(json_object_object_get(claims->root, name));
}

static bool
is_in_range(double real)
{
	const double max = (double)CLAIMS_NUMBER_MAX;

	return real >= -max && real <= max;
}

static int64_t
round_up(double real)
{
	int64_t whole = (int64_t)real;

	return (double)whole < real ? whole + 1 : whole;
}

enum claim_state
claims_number(const struct claims *claims, const char *name, int64_t *number)
{
	struct json_object *value;
	int64_t whole;

	if (!json_object_object_get_ex(claims->root, name, &value))
		return CLAIM_ABSENT;
	if (json_object_is_type(value, json_type_int))
		whole = json_object_get_int64(value); /* clamped to 64 bits */
	else if (json_object_is_type(value, json_type_double) &&
		is_in_range(json_object_get_double(value)))
		whole = round_up(json_object_get_double(value));
	else
		return CLAIM_WRONG_TYPE;
	if (whole < -CLAIMS_NUMBER_MAX || whole > CLAIMS_NUMBER_MAX)
		return CLAIM_WRONG_TYPE;
	*number = whole;
	return CLAIM_OK;
}

static bool
array_contains(struct json_object *list, struct slice text)
{
	size_t len = json_object_array_length(list);
	bool found = false;

	for (size_t i = 0; i < len; i++) {
		struct slice item = text_of(json_object_array_get_idx(list, i));

		if (item.ptr == NULL)
			return false;
		if (slice_equals(item, text))
			found = true;
	}
	return found;
}

bool
claims_list_contains(
	const struct claims *claims, const char *name, struct slice text)
{
	struct json_object *value = json_object_object_get(claims->root, name);

	if (json_object_is_type(value, json_type_array))
		return array_contains(value, text);
	return json_object_is_type(value, json_type_string) &&
		slice_equals(text_of(value), text);
}
