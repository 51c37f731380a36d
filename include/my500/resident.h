#ifndef MY500_RESIDENT_H
#define MY500_RESIDENT_H

#include <stdint.h>

/* The memory of this process that is in RAM, shared pages included; 0 when
 * that can't be told.  Costs some microseconds. */
int64_t resident_bytes(void);

#endif
