#include "setup/see.h"

#include "base/harmless.h"
#include "base/instant.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

static void tell_retention(const struct thread_properties *properties)
{
    if (properties->retention_days > 0)
        setup_tell("Beware: the chat deletes this thread %lld days after it was made.",
                   (long long)properties->retention_days);
}

enum status see_thread(struct setup *setup, struct speaker *speaker, const char *id,
                       struct shown *newest)
{
    struct thread_properties properties;
    enum status status = member_see_thread(&speaker->member, id, &properties, &setup->err);
    if (status == STATUS_DENIED) {
        error_prefix(&setup->err, "somebody who is in the thread must let %s in first",
                     speaker->identity);
        return status;
    }
    if (status == STATUS_BAD_DATA)
        error_prefix(&setup->err, "\"%s\" is no thread's id, such as 19:...@thread.v2", id);
    if (status == STATUS_NOT_FOUND)
        error_prefix(&setup->err, "there is no thread %s", id);
    if (status != STATUS_DONE)
        return status;
    if (properties.deleted_at != 0)
        return setup_fail(setup, STATUS_NOT_FOUND, "the thread was deleted");
    tell_retention(&properties);
    status = member_find(&speaker->member, id, "", newest, &setup->err);
    return status == STATUS_NOT_FOUND ? STATUS_DONE : status;
}

static void print_json(const struct config_thread *thread, const struct shown *shown)
{
    json_t *json = json_pack("{s:s, s:s, s:s, s:s, s:s*}", "thread", thread->name, "id", thread->id,
                             "sender", thread->sender_name, "endpoint", thread->sender->endpoint,
                             "identity", thread->sender->identity);
    if (shown->content)
        json_object_set_new(json, "message", json_string(shown->content));
    setup_print_json(json);
}

void see_print(const struct setup *setup, const char *name, const struct shown *shown)
{
    char time[INSTANT_LONGEST_TEXT];
    CLEANUP(text_clear) struct text sender = { 0 };
    const struct config_thread *thread = config_thread_by_name(&setup->config, name);
    if (!thread)
        return;
    if (setup->options->json) {
        print_json(thread, shown);
        return;
    }
    if (!shown->content)
        return;
    instant_say_time(shown->created_at, time);
    harmless_add_line(&sender, shown->name, strlen(shown->name));
    setup_tell("The chat shows, in %s:", name);
    setup_print("%s %s: %s", time, sender.bytes ? sender.bytes : "", shown->content);
    fflush(stdout);
}
