#include "client/line.h"

#include "base/duration.h"
#include "base/quote.h"

#include <inttypes.h>

void line_begin(struct text *line, enum request_op op)
{
    text_printf(line, "{\"op\":\"%s\"", request_op_name(op));
}

void line_add_string(struct text *line, const char *name, const char *value)
{
    if (!value)
        return;
    text_printf(line, ",\"%s\":", name);
    quote_json(line, value);
}

void line_add_integer(struct text *line, const char *name, int64_t value)
{
    if (value != 0)
        text_printf(line, ",\"%s\":%" PRId64, name, value);
}

void line_add_duration(struct text *line, const char *name, msec_t value_ms)
{
    char duration[DURATION_LONGEST_TEXT];
    if (value_ms < 0 || value_ms == MSEC_NEVER)
        return;
    duration_format(value_ms, duration);
    line_add_string(line, name, duration);
}

void line_end(struct text *line)
{
    text_add(line, "}\n");
}
