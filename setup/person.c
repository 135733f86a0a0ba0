#include "setup/person.h"

#include "base/instant.h"
#include "base/memory.h"
#include "base/new_file.h"
#include "base/utf8.h"

#include <dirent.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { LONGEST_NAME = 128 };

static const char ending[] = ".json";

void person_clear(struct person *person)
{
    free(person->name);
    free(person->endpoint);
    free(person->identity);
    free(person->thread);
    *person = (struct person){ 0 };
}

enum status person_check_name(struct setup *setup, const char *name)
{
    size_t length = strlen(name);
    bool good = length > 0 && length <= LONGEST_NAME && name[0] != '.' && !strchr(name, '/') &&
                utf8_valid_prefix(name, length) == length;
    for (size_t i = 0; i < length; i++)
        good = good && (unsigned char)name[i] >= ' ' && name[i] != 0x7f;
    if (good)
        return STATUS_DONE;
    return setup_fail(setup, STATUS_USAGE,
                      "a person's name has 1 to %d bytes, no \"/\", and no \".\" in front",
                      LONGEST_NAME);
}

static char *path_of(const struct setup *setup, const char *name)
{
    CLEANUP(free_memory) char *inside = xasprintf("people/%s%s", name, ending);
    return setup_path(setup, inside);
}

static char *text_of(const json_t *object, const char *name)
{
    return xstrdup_or_null(json_string_value(json_object_get(object, name)));
}

void person_load(const struct setup *setup, const char *name, struct person *person)
{
    CLEANUP(free_memory) char *path = path_of(setup, name);
    json_t *json = json_load_file(path, 0, NULL);
    *person = (struct person){ .name = json ? xstrdup(name) : NULL,
                               .endpoint = text_of(json, "endpoint"),
                               .identity = text_of(json, "userId"),
                               .thread = text_of(json, "threadId") };
    json_decref(json);
}

static int is_person(const struct dirent *file)
{
    size_t length = strlen(file->d_name);
    return file->d_name[0] != '.' && length >= sizeof ending &&
           strcmp(file->d_name + length - (sizeof ending - 1), ending) == 0;
}

struct person *people_load(const struct setup *setup, size_t *count)
{
    struct dirent **files = NULL;
    CLEANUP(free_memory) char *folder = setup_path(setup, "people");
    int found = scandir(folder, &files, is_person, alphasort);
    struct person *people = xcalloc(found > 0 ? (size_t)found : 1, sizeof *people);
    *count = 0;
    for (int i = 0; i < found; i++) {
        files[i]->d_name[strlen(files[i]->d_name) - (sizeof ending - 1)] = '\0';
        person_load(setup, files[i]->d_name, &people[(*count)++]);
        free(files[i]);
    }
    free(files);
    return people;
}

static char *json_of(const struct person *person, const struct fresh_token *token)
{
    char expires[INSTANT_LONGEST_TEXT] = "";
    json_t *json = json_pack("{s:s, s:s, s:s}", "displayName", person->name, "endpoint",
                             person->endpoint, "userId", person->identity);
    if (person->thread)
        json_object_set_new(json, "threadId", json_string(person->thread));
    if (token) {
        json_object_set_new(json, "token", json_string(token->text));
        if (token->expires_at != MSEC_NEVER)
            instant_format_rfc3339(token->expires_at, expires);
        json_object_set_new(json, "expiresOn", json_string(expires));
    }
    char *bytes = json_dumps(json, JSON_INDENT(2));
    json_decref(json);
    return bytes;
}

enum status person_save(struct setup *setup, const struct person *person,
                        const struct fresh_token *token, char **path)
{
    CLEANUP(free_memory) char *folder = setup_path(setup, "people");
    CLEANUP(free_memory) char *where = path_of(setup, person->name);
    char *bytes = json_of(person, token);
    const struct new_file file = { where, bytes, strlen(bytes), 0600, NULL };
    bool done = new_folder_make(folder, 0700, &setup->err) && new_file_write(&file, &setup->err);
    explicit_bzero(bytes, strlen(bytes));
    free(bytes);
    if (done && path)
        *path = xstrdup(where);
    return done ? STATUS_DONE : STATUS_DENIED;
}

void people_forget(const struct setup *setup, const char *identity)
{
    size_t count = 0;
    struct person *people = people_load(setup, &count);
    for (size_t i = 0; i < count; i++) {
        if (people[i].identity && strcmp(people[i].identity, identity) == 0) {
            CLEANUP(free_memory) char *path = path_of(setup, people[i].name);
            unlink(path);
        }
        person_clear(&people[i]);
    }
    free(people);
}
