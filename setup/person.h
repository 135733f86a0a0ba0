/*
 * person.h - people/PERSON.json: what a person needs to read the chat with
 *
 * {"displayName","endpoint","userId","threadId","token","expiresOn"}: the arguments that
 * Microsoft's UI library and samples ask for. A secret: mode 0600.
 */
#ifndef CHATRELAY_SETUP_PERSON_H
#define CHATRELAY_SETUP_PERSON_H

#include "chat/token_answer.h"
#include "setup/setup.h"

struct person {
    char *name, *endpoint, *identity, *thread; /* NULL when not known */
};

/* Also for CLEANUP() and zeroed ones. */
void person_clear(struct person *person);

/* A file's name can be made of it. */
enum status person_check_name(struct setup *setup, const char *name);

/* Who is in the file of that name. All of it NULL when there is no such file, or nothing to be read
 * in it. */
void person_load(const struct setup *setup, const char *name, struct person *person);

/* Every person that there is a file of; the array and its members are to be freed. */
struct person *people_load(const struct setup *setup, size_t *count);

/* Write the file; `token` NULL: none as yet. `*path` is to be freed; NULL: nobody asks. */
enum status person_save(struct setup *setup, const struct person *person,
                        const struct fresh_token *token, char **path);

/* Remove the files of whoever has that identity, under whatever name. */
void people_forget(const struct setup *setup, const char *identity);

#endif
