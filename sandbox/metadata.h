/*
 * metadata.h - names with values, as messages, threads and participants carry them
 */
#ifndef CHATRELAY_SANDBOX_METADATA_H
#define CHATRELAY_SANDBOX_METADATA_H

#include <jansson.h>
#include <stdbool.h>

/*
 * Take the metadata of a new thing: an object whose values are strings, or NULL
 * for none. `*text` becomes its JSON, to be freed, or NULL. False when it is
 * neither; `*text` is then as it was.
 */
bool metadata_read(json_t *metadata, char **text);

/*
 * Change metadata by a merge patch (RFC 7396): names it has are set, names it
 * gives as null are removed; NULL changes nothing. False when it is not an object
 * of strings and nulls; `*text` is then as it was.
 */
bool metadata_patch(json_t *patch, char **text);

#endif
