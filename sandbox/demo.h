/*
 * demo.h - a relay beside the sandbox, to try things out
 *
 * It runs in a temporary folder, with settings that lead to this sandbox. Both
 * end together: the relay when the sandbox goes, however it goes, and the sandbox
 * when the relay does.
 */
#ifndef CHATRELAY_SANDBOX_DEMO_H
#define CHATRELAY_SANDBOX_DEMO_H

#include "base/error.h"
#include "sandbox/service.h"

#include <event2/event.h>

struct demo;

/* Start chatrelayd, from the folder of our own program. The loop breaks when it ends. NULL: error.
 */
struct demo *demo_start(struct event_base *base, struct service *service, const char *endpoint,
                        struct error *err);

/* Say what to try. */
void demo_print(const struct demo *demo, FILE *file);

/* True when the relay ended by itself. */
bool demo_has_failed(const struct demo *demo);

/* End the relay and remove the folder. NULL is nothing. */
void demo_stop(struct demo *demo);

#endif
