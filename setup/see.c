#include "setup/see.h"

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
    if (status != STATUS_DONE)
        return status;
    if (properties.deleted_at != 0)
        return setup_fail(setup, STATUS_NOT_FOUND, "the thread was deleted");
    tell_retention(&properties);
    status = member_find(&speaker->member, id, "", newest, &setup->err);
    return status == STATUS_NOT_FOUND ? STATUS_DONE : status;
}
