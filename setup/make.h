/*
 * make.h - senders and threads, made once however often one begins
 *
 *     note what is planned -> ask for it -> note what came -> write the settings -> forget the note
 *
 * A crash between any two of these leaves a note from which the next run goes on. One thing
 * cannot be helped: an identity whose answer was lost stays behind unknown. It is in no chat.
 */
#ifndef CHATRELAY_SETUP_MAKE_H
#define CHATRELAY_SETUP_MAKE_H

#include "setup/resource.h"
#include "setup/setup.h"
#include "setup/speaker.h"

/* Whether a sender or thread of ours ("thread", "ops") is in the settings. */
bool make_has(const struct setup *setup, const char *kind, const char *name);

/* The same, of one that an earlier run has begun and not finished. */
bool make_has_begun(const struct setup *setup, const char *kind, const char *name);

/*
 * An identity of the resource, its key file, and [sender NAME]. `words_text` goes into the
 * key file. `thread`: the one that will be made for it, NULL for none.
 */
enum status make_sender(struct setup *setup, const char *name, const struct resource *resource,
                        const char *words_text, const char *thread);

/* Another identity for a sender that we made. */
enum status make_sender_again(struct setup *setup, const char *name,
                              const struct resource *resource);

/* Put other keys of the same resource into the sender's key file. */
enum status make_key_file(struct setup *setup, const char *name, const char *words_text);

/* Close the folder of the keys, if there is one: one by an earlier version was open. */
enum status make_keys_safe(struct setup *setup);

/* A thread of the sender, and [thread NAME], in place of one of that name. */
enum status make_thread(struct setup *setup, const char *name, const struct config_sender *sender,
                        struct speaker *speaker, const char *topic);

/* Nothing but [thread NAME], of the thread with that id. */
enum status make_thread_settings(struct setup *setup, const char *name, const char *id,
                                 const char *sender);

/* As the settings' file wants it: a name of at most 64 letters, digits, dots, lines. */
enum status make_check_name(struct setup *setup, const char *name);

#endif
