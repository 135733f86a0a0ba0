#include "client/message_input.h"

#include "client/content.h"
#include "client/input.h"
#include "client/say.h"

#include <unistd.h>

bool message_input_read(const struct strings *arguments, size_t first, const char *path,
                        struct text *raw, struct error *err)
{
    for (size_t i = first; i < arguments->count; i++) {
        text_add(raw, i > first ? " " : "");
        text_add(raw, arguments->items[i]);
    }
    if (arguments->count > first)
        return true;
    if (!path && isatty(STDIN_FILENO))
        say("reading the message from the terminal; end it with Ctrl-D on a line of its own");
    if (!input_read(path, raw, err))
        return false;
    content_trim(raw);
    return true;
}
