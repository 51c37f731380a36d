#ifndef MY500_CHECK_H
#define MY500_CHECK_H

#include "my500/status.h"

struct config;

/*
 * --check: prints the settings in force on standard output, tries the database
 * and memcached, and says what is missing.  Returns the exit code: EX_OK or
 * EX_CONFIG.
 */
int check_run(const struct config *config);

#endif
