#ifndef MY500_RELOAD_H
#define MY500_RELOAD_H

#include <stdbool.h>

struct config;
struct config_source;

/*
 * Reads the settings again.  True: they are good, and `config` has them; false:
 * they are not, which is logged, and `config` is as it was.  What can not
 * change while the program runs (its sockets) stays as it was, and is logged
 * when it would have changed.
 */
bool reload_settings(struct config *config, const struct config_source *source);

#endif
