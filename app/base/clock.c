#include "config.h"

#include <stdio.h>
#include <time.h>

#include "my500/clock.h"

static int64_t
read_us(clockid_t id)
{
	struct timespec now;

	clock_gettime(id, &now);
	return now.tv_sec * CLOCK_US_PER_S + now.tv_nsec / 1000;
}

int64_t
clock_now_us(void)
{
	return read_us(CLOCK_MONOTONIC);
}

int64_t
clock_wall_us(void)
{
	return read_us(CLOCK_REALTIME);
}

int64_t
clock_wall_s(void)
{
	return clock_wall_us() / CLOCK_US_PER_S;
}

int
clock_left_ms(int64_t deadline_us)
{
	int64_t left_us = deadline_us - clock_now_us();

	if (left_us <= 0)
		return 0;
	return (int)((left_us + CLOCK_US_PER_MS - 1) / CLOCK_US_PER_MS);
}

void
clock_format(int64_t wall_us, char text[CLOCK_TEXT_BYTES])
{
	static time_t formatted; /* the second that `head` is of */
	static char head[sizeof("2026-01-31T12:34:56")];
	time_t seconds = wall_us / CLOCK_US_PER_S;
	unsigned ms = (unsigned)((uint64_t)wall_us / CLOCK_US_PER_MS % 1000);
	struct tm utc;

	if (seconds != formatted || head[0] == '\0') {
		gmtime_r(&seconds, &utc);
		strftime(head, sizeof(head), "%Y-%m-%dT%H:%M:%S", &utc);
		formatted = seconds;
	}
	snprintf(text, CLOCK_TEXT_BYTES, "%s.%03uZ", head, ms);
}
