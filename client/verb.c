#include "client/verb.h"

#include <string.h>

const struct verb *const verbs[] = {
    &verb_send,    &verb_run,    &verb_status, &verb_why,   &verb_show,    &verb_list,
    &verb_threads, &verb_log,    &verb_read,   &verb_stats, &verb_wait,    &verb_check,
    &verb_edit,    &verb_unsend, &verb_cancel, &verb_hold,  &verb_release, &verb_retry,
    &verb_pause,   &verb_resume, &verb_flush,  &verb_audit, &verb_backup,
};

const size_t verb_count = sizeof verbs / sizeof verbs[0];

const struct verb *verb_find(const char *name)
{
    for (size_t i = 0; i < verb_count; i++)
        if (strcmp(verbs[i]->name, name) == 0)
            return verbs[i];
    return NULL;
}

#define MEMBER(name) offsetof(struct common_options, name)

/* clang-format off */
const struct option common_options[] = {
    { "socket", 0, OPTION_STRING, "PATH", MEMBER(socket), "the relay's socket; else $CHATRELAY_SOCKET, else /run/chatrelay/socket" },
    { "timeout", 0, OPTION_DURATION, "DURATION", MEMBER(timeout_ms), "how long to try to reach the relay (10s)" },
    { "json", 0, OPTION_FLAG, NULL, MEMBER(json), "print JSON, one object a line" },
    { "help", 'h', OPTION_FLAG, NULL, MEMBER(help), "print this" },
};
/* clang-format on */

const size_t common_option_count = sizeof common_options / sizeof common_options[0];
