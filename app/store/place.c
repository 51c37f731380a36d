#include "config.h"

#include "my500/place.h"
#include "my500/timestamp.h"

/* An integer of PostgreSQL's, which may be negative. */
static bool
read_integer(struct slice text, int32_t *number)
{
	bool is_negative = text.len > 0 && text.ptr[0] == '-';
	int64_t value;

	if (is_negative) {
		text.ptr++;
		text.len--;
	}
	if (!slice_parse_int(text, 0, (int64_t)INT32_MAX + is_negative, &value))
		return false;
	*number = (int32_t)(is_negative ? -value : value);
	return true;
}

bool
place_read(struct place *place, const struct slice *cells)
{
	struct slice added = cells[CONTACT_addedToCampaign];
	struct slice contacted = cells[CONTACT_lastContacted];

	if (added.ptr == NULL || cells[CONTACT_id].ptr == NULL)
		return false;
	*place = (struct place){
		.added_to_campaign = slice_equals_text(added, "t"),
		.has_last_contacted = contacted.ptr != NULL,
		.id = cells[CONTACT_id],
	};
	return read_integer(
		       cells[CONTACT_warmnessScore], &place->warmness_score) &&
		timestamp_read(cells[CONTACT_createdAt], &place->created_us) &&
		(!place->has_last_contacted ||
			timestamp_read(contacted, &place->last_contacted_us));
}

static const char *
timestamp_parameter(int64_t us, struct arena *arena)
{
	char *text = arena_alloc(arena, TIMESTAMP_TEXT_BYTES);

	timestamp_print(us, text);
	return text;
}

void
place_print(const struct place *place, struct arena *arena,
	const char *parameters[PLACE_PARAMETERS])
{
	parameters[0] = place->added_to_campaign ? "t" : "f";
	parameters[1] = arena_printf(arena, "%d", (int)place->warmness_score);
	parameters[2] = place->has_last_contacted
		? timestamp_parameter(place->last_contacted_us, arena)
		: NULL;
	parameters[3] = timestamp_parameter(place->created_us, arena);
	parameters[4] = arena_copy(arena, place->id);
}
