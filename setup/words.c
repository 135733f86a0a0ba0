/*
 * words.c - what setup.h says to people and to programs
 */
#include "base/harmless.h"
#include "setup/setup.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void PRINTF_LIKE(2, 0) print_line(FILE *file, const char *format, va_list args)
{
    CLEANUP(text_clear) struct text said = { 0 };
    CLEANUP(text_clear) struct text harmless = { 0 };
    text_vprintf(&said, format, args);
    harmless_add(&harmless, said.bytes);
    text_add(&harmless, "\n");
    fputs(harmless.bytes, file);
}

void setup_tell(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    print_line(stderr, format, args);
    va_end(args);
}

void setup_print(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    print_line(stdout, format, args);
    va_end(args);
}

void setup_print_json(json_t *json)
{
    char *line = json_dumps(json, JSON_COMPACT);
    json_decref(json);
    puts(line);
    free(line);
}

enum status setup_fail(struct setup *setup, enum status status, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    error_vset(&setup->err, format, args);
    va_end(args);
    return status;
}

/* The service's own settings, where systemd runs services (sd_booted(3)). */
static bool is_for_service(const struct setup *setup)
{
    return strcmp(setup->folder, "/etc/chatrelay") == 0 && access("/run/systemd/system", F_OK) == 0;
}

void setup_tell_to_reload(const struct setup *setup)
{
    setup_tell("\nThe settings are in %s. %s", setup->own_path,
               is_for_service(setup) ? "Now:\n    systemctl reload chatrelayd"
                                     : "Start the relay, or have it read them (SIGHUP).");
}
