#include "config.h"

#include "my500/clock.h"
#include "my500/json_text.h"
#include "my500/timing.h"

int64_t
timing_add(struct timing *timing, enum phase phase, int64_t from_us)
{
	int64_t now_us = clock_now_us();

	timing->phase_us[phase] += now_us - from_us;
	return now_us;
}

int64_t
timing_total_us(const struct timing *timing)
{
	return clock_now_us() - timing->accepted_us;
}

void
timing_print(const struct timing *timing, const char *cache, int64_t total_us,
	struct buffer *out)
{
	buffer_add_text(out, "auth;dur=");
	json_add_ms(out, timing->phase_us[PHASE_AUTH]);
	buffer_printf(out, ", cache;desc=\"%s\";dur=", cache);
	json_add_ms(out, timing->phase_us[PHASE_CACHE]);
	buffer_add_text(out, ", db;dur=");
	json_add_ms(out, timing->phase_us[PHASE_DB]);
	buffer_add_text(out, ", encode;dur=");
	json_add_ms(out, timing->phase_us[PHASE_ENCODE]);
	buffer_add_text(out, ", total;dur=");
	json_add_ms(out, total_us);
}
