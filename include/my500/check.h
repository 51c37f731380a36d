#ifndef MY500_CHECK_H
#define MY500_CHECK_H

#include "my500/status.h"

struct config;

/*
 * Lets the owner of each setting judge it; connects nowhere.  STATUS_INVALID
 * with `why`: the name of the setting, and what would be right.
 */
CHECKED enum status
check_settings(const struct config *config, struct reason *why);

/*
 * --check: prints the settings in force on standard output, tries the database
 * and memcached, and says what is missing.  Returns the exit code: EX_OK or
 * EX_CONFIG.
 */
int check_run(const struct config *config);

#endif
