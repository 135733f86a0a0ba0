#include "config/reading.h"

#include <stdarg.h>

void reading_problem(struct reading *reading, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    config_problems_vadd(reading->problems, CONFIG_ERROR, reading->place.file, reading->place.line,
                         format, args);
    va_end(args);
}
