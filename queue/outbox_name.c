/*
 * outbox_name.c - the front's part in what is known by its name: threads, places, notes, scopes
 */
#include "queue/outbox.h"
#include "queue/outbox_engine.h"

/* ---- threads and places --------------------------------------------------------------------- */

int64_t outbox_thread(struct outbox *outbox, const char *name)
{
    int64_t thread = 0;
    bool found = false;
    if (outbox->failed || !outbox_noted(outbox, outbox->engine->thread(outbox, name, &thread,
                                                                       &found, &outbox->failure)))
        return 0;
    if (!found && outbox_may_change(outbox))
        outbox_noted(outbox, outbox->engine->add_thread(outbox, name, &thread, &outbox->failure));
    return thread;
}

bool outbox_find_thread(struct outbox *outbox, const char *name, int64_t *thread)
{
    bool found = false;
    *thread = 0;
    return !outbox->failed &&
           outbox_noted(outbox,
                        outbox->engine->thread(outbox, name, thread, &found, &outbox->failure)) &&
           found;
}

bool outbox_thread_name(struct outbox *outbox, int64_t thread, char **name)
{
    bool found = false;
    *name = NULL;
    return !outbox->failed &&
           outbox_noted(outbox, outbox->engine->thread_name(outbox, thread, name, &found,
                                                            &outbox->failure)) &&
           found;
}

int64_t outbox_place(struct outbox *outbox, const char *endpoint, const char *remote_thread)
{
    int64_t place = 0;
    bool found = false;
    if (outbox->failed ||
        !outbox_noted(outbox, outbox->engine->place(outbox, endpoint, remote_thread, &place, &found,
                                                    &outbox->failure)))
        return 0;
    if (!found && outbox_may_change(outbox))
        outbox_noted(outbox, outbox->engine->add_place(outbox, endpoint, remote_thread, &place,
                                                       &outbox->failure));
    return place;
}

bool outbox_place_name(struct outbox *outbox, int64_t place, char **endpoint, char **remote_thread)
{
    bool found = false;
    *endpoint = *remote_thread = NULL;
    return !outbox->failed &&
           outbox_noted(outbox, outbox->engine->place_name(outbox, place, endpoint, remote_thread,
                                                           &found, &outbox->failure)) &&
           found;
}

/* ---- notes and scopes ----------------------------------------------------------------------- */

char *outbox_note(struct outbox *outbox, const char *name)
{
    char *text = NULL;
    if (!outbox->failed)
        outbox_noted(outbox, outbox->engine->note(outbox, name, &text, &outbox->failure));
    return text;
}

void outbox_set_note(struct outbox *outbox, const char *name, const char *text)
{
    if (outbox_may_change(outbox))
        outbox_noted(outbox, outbox->engine->set_note(outbox, name, text, &outbox->failure));
}

void outbox_scopes(struct outbox *outbox,
                   void (*row)(void *context, const struct scope_record *record), void *context)
{
    if (!outbox->failed)
        outbox_noted(outbox, outbox->engine->scopes(outbox, row, context, &outbox->failure));
}

void outbox_set_scope(struct outbox *outbox, const struct scope_record *record)
{
    if (outbox_may_change(outbox))
        outbox_noted(outbox, outbox->engine->set_scope(outbox, record, &outbox->failure));
}
