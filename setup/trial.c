#include "setup/trial.h"

#include "base/memory.h"

/* In the place of what the service will call them. */
static const char no_identity[] = "8:acs:not-made-yet", no_thread[] = "19:not-made-yet@thread.v2";

static void add_thread(struct own_settings *own, const char *thread, const char *sender)
{
    CLEANUP(free_memory) char *title = xasprintf("thread %s", thread);
    own_settings_set(own, title, "id", no_thread);
    own_settings_set(own, title, "sender", sender);
}

/* Its key file is not there yet: that it gets its tokens some other way is all one here. */
static void add_sender(struct own_settings *own, const char *name, const struct resource *resource)
{
    CLEANUP(free_memory) char *title = xasprintf("sender %s", name);
    own_settings_set(own, title, "endpoint", resource->endpoint);
    own_settings_set(own, title, "managed_identity", "system");
    own_settings_set(own, title, "identity", no_identity);
    own_settings_set(own, title, "ca_file", resource->ca_file);
    own_settings_set(own, title, "proxy", resource->proxy);
}

enum status trial_sender(struct setup *setup, const char *name, const struct resource *resource,
                         const char *thread)
{
    CLEANUP(own_settings_clear) struct own_settings own = own_settings_copy(&setup->own);
    add_sender(&own, name, resource);
    if (thread)
        add_thread(&own, thread, name);
    return setup_try(setup, &own);
}

enum status trial_thread(struct setup *setup, const char *name, const char *sender)
{
    CLEANUP(own_settings_clear) struct own_settings own = own_settings_copy(&setup->own);
    add_thread(&own, name, sender);
    return setup_try(setup, &own);
}
