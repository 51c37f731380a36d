#include "config.h"

#include "my500/page_params.h"
#include "my500/percent.h"

#define LIMIT_DEFAULT      20
#define ACTIVITIES_DEFAULT 5

/* One parameter: where its value goes, and whether one was met already. */
struct parameter {
	const char *name;
	int64_t min;
	int64_t max;
	int64_t *value;
	bool is_met;
};

static enum status
read_value(const struct parameter *parameter, struct slice encoded,
	struct arena *arena, struct reason *why)
{
	struct slice text;

	if (encoded.len == 0)
		return STATUS_OK; /* counts as absent */
	if (parameter->value == NULL)
		return status_refuse(why, parameter->name,
			"%s is not a cursor that this service has given out",
			parameter->name);
	if (percent_decode(encoded, PERCENT_PLUS_IS_SPACE, arena, &text) ==
			STATUS_OK &&
		slice_parse_int(
			text, parameter->min, parameter->max, parameter->value))
		return STATUS_OK;
	return status_refuse(why, parameter->name,
		"%s must be an integer from %lld to %lld", parameter->name,
		(long long)parameter->min, (long long)parameter->max);
}

/* Reads one name=value; the first of a repeated name counts, and a name that
 * is not in the table does not. */
static enum status
read_pair(struct parameter *parameters, size_t count, struct slice pair,
	struct arena *arena, struct reason *why)
{
	struct slice value = pair, encoded_name, name;

	if (!slice_split(&value, '=', &encoded_name) ||
		percent_decode(encoded_name, PERCENT_PLUS_IS_SPACE, arena,
			&name) != STATUS_OK)
		return STATUS_OK;
	for (size_t i = 0; i < count; i++) {
		struct parameter *p = &parameters[i];

		if (p->is_met || !slice_equals_text(name, p->name))
			continue;
		p->is_met = true;
		return read_value(p, value, arena, why);
	}
	return STATUS_OK;
}

enum status
page_params_read(struct page_params *params, struct slice query,
	struct arena *arena, struct reason *why)
{
	struct parameter parameters[] = {
		{ "page", 1, PAGE_MAX, &params->page, false },
		{ "limit", 1, LIMIT_MAX, &params->limit, false },
		{ "activities", 0, ACTIVITIES_MAX, &params->activities, false },
		{ "cursor", 0, 0, NULL, false }, /* none is given out yet */
	};
	const size_t count = sizeof(parameters) / sizeof(parameters[0]);
	enum status st = STATUS_OK;
	struct slice pair;

	*params = (struct page_params){ 1, LIMIT_DEFAULT, ACTIVITIES_DEFAULT };
	while (st == STATUS_OK && slice_split(&query, '&', &pair))
		st = read_pair(parameters, count, pair, arena, why);
	return st;
}
