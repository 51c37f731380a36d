#ifndef MY500_CONFIG_NAME_H
#define MY500_CONFIG_NAME_H

#include <stdbool.h>

#include "my500/slice.h"

/* Begins with MY500_: then it is a setting, or a mistake. */
bool config_name_is_ours(struct slice name);

/* Control characters have no place in a name or a value. */
bool config_name_has_control(struct slice text);

/* Says that `name` is no setting, and which one it may have meant; quotes it
 * only when it can be no piece of a secret. */
CHECKED enum status config_name_refuse(struct slice name, struct reason *why);

#endif
