#ifndef MY500_CLOCK_H
#define MY500_CLOCK_H

#include <stddef.h>
#include <stdint.h>

#define CLOCK_US_PER_MS INT64_C(1000)
#define CLOCK_US_PER_S  INT64_C(1000000)

/* Monotonic microseconds: for durations and deadlines. */
int64_t clock_now_us(void);

/* Microseconds and seconds since 1970 (UTC): for logs and tokens. */
int64_t clock_wall_us(void);
int64_t clock_wall_s(void);

/* Whole milliseconds from now until `deadline_us`, rounded up, 0 when past;
 * as poll() takes them. */
int clock_left_ms(int64_t deadline_us);

#define CLOCK_TEXT_BYTES sizeof("2026-01-31T12:34:56.789Z")

/* RFC 3339 in UTC with milliseconds. */
void clock_format(int64_t wall_us, char text[CLOCK_TEXT_BYTES]);

#endif
