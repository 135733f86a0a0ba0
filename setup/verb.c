#include "setup/verb.h"

/* clang-format off */
const struct verb verbs[] = {
    { NULL, "", 0, 0, OPTION_SECRET | OPTION_SENDER | OPTION_THREAD | OPTION_TOPIC | OPTION_NAME | OPTION_CA,
      "from a connection string to a first message: a sender, a thread, and their settings", verb_first },
    { "sender", "NAME", 1, 1, OPTION_SECRET | OPTION_NAME | OPTION_CA,
      "make a sender, or give one a new key", verb_sender },
    { "thread", "NAME", 1, 1, OPTION_SENDER | OPTION_TOPIC,
      "make a thread, and say something in it", verb_thread },
    { "adopt", "THREAD-ID NAME", 2, 2, OPTION_SENDER,
      "use a thread that is there already", verb_adopt },
    { "replace", "THREAD", 1, 1, OPTION_TOPIC,
      "make a new thread in the place of a lost one, with a new identity if that is lost too", verb_replace },
    { "invite", "THREAD PERSON", 2, 2, 0,
      "let a person in: an identity, and a token for a day in a file", verb_invite },
    { "people", "THREAD", 1, 1, 0,
      "who is in a thread", verb_people },
    { "remove", "THREAD PERSON", 2, 2, OPTION_DELETE,
      "put a person out of a thread", verb_remove },
    { "find", "", 0, 0, OPTION_SENDER,
      "the threads that a sender is in", verb_find },
};
/* clang-format on */

const size_t verb_count = sizeof verbs / sizeof verbs[0];
