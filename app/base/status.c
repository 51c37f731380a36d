#include "config.h"

#include <stdarg.h>
#include <stdio.h>

#include "my500/status.h"

enum status
status_refuse(struct reason *why, const char *field, const char *format, ...)
{
	va_list args;

	why->field = field;
	va_start(args, format);
	vsnprintf(why->text, sizeof(why->text), format, args);
	va_end(args);
	return STATUS_INVALID;
}
