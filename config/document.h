/*
 * document.h - what the files say, section by section, not yet put together
 *
 * A section may appear several times, in several files; here it stands once,
 * with all that was set in it in the order of reading. So the last one of a
 * setting is the one in force.
 */
#ifndef CHATRELAY_CONFIG_DOCUMENT_H
#define CHATRELAY_CONFIG_DOCUMENT_H

#include "config/problems.h"
#include "config/setting.h"

/* A line of a file. `file` belongs to the document. */
struct place {
    const char *file;
    int line;
};

struct entry {
    const struct setting *setting;
    char *value;
    bool is_valid; /* its value would be accepted; a problem has been told otherwise */
    struct place place;
};

struct document_section {
    enum section_kind kind;
    size_t index;       /* among those of its kind, from 0 */
    char *name;         /* "" where a section has none */
    struct place place; /* of its first mention */
    struct entry *entries;
    size_t entry_count;
};

struct config_document {
    char **files;
    size_t file_count;
    struct document_section *sections;
    size_t section_count;
    size_t counts[SECTION_KINDS]; /* how many of each kind */
};

/* Without files, but with the sections that there is one of, first and thus found at once. */
struct config_document *document_new(void);

/* The document's own copy of a file's name. */
const char *document_add_file(struct config_document *document, const char *name);

/* The index of a section, which is made if need be. */
size_t document_section(struct config_document *document, enum section_kind kind, const char *name,
                        struct place place);

void document_add(struct document_section *section, const struct setting *setting,
                  const char *value, bool is_valid, struct place place);

/* NULL when there is no such section. */
const struct document_section *document_find(const struct config_document *document,
                                             enum section_kind kind, const char *name);

/* What is in force for `setting` in `section` (may be NULL): its last entry, or NULL. */
const struct entry *document_entry(const struct document_section *section,
                                   const struct setting *setting);

/* What is in force for `section`, [defaults] included. */
const struct entry *document_in_force(const struct config_document *document,
                                      const struct document_section *section,
                                      const struct setting *setting);

/* "[thread ops]", to be freed. */
char *document_label(const struct document_section *section);

/*
 * Tell a problem of a setting of `section`, at the line that put it in force:
 * "[thread ops] sender = pager: no such sender". Where no line did, at the
 * section: "[thread ops] sender: ...". Nothing is told of a value that was not
 * allowed in itself: that has been told.
 */
void document_tell(const struct config_document *document, struct config_problems *problems,
                   enum config_severity severity, const struct document_section *section,
                   const struct setting *setting, const char *format, va_list args)
    PRINTF_LIKE(6, 0);

/* Takes NULL. */
void document_free(struct config_document *document);

#endif
