#include "config.h"

#include "my500/json_text.h"
#include "my500/user_json.h"

static const char *const keys[] = {
#define COLUMN(kind, name) #name,
#include "my500/user.def"
#undef COLUMN
};

void
user_json_add(struct buffer *out, const struct user *user)
{
	for (size_t i = 0; i < USER_COLUMNS; i++) {
		buffer_add_char(out, i == 0 ? '{' : ',');
		json_add_string(out, slice_of(keys[i]));
		buffer_add_char(out, ':');
		json_add_string(out, user->cells[i]);
	}
	buffer_add_char(out, '}');
}
