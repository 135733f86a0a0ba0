/*
 * identity.h - who can be in a thread
 */
#ifndef CHATRELAY_SANDBOX_IDENTITY_H
#define CHATRELAY_SANDBOX_IDENTITY_H

#include "base/clock.h"

#include <jansson.h>
#include <stdbool.h>

struct identity {
    char *id;                 /* 8:acs:RESOURCE_USER */
    bool deleted;             /* with its messages, as the service does */
    msec_t tokens_valid_from; /* those issued earlier were revoked */
};

struct identity *identity_new(const char *id);
void identity_free(struct identity *identity);

/* "8:acs:" and two words of letters, digits and "-", joined by "_". */
bool identity_id_is_well_formed(const char *id);

/* A CommunicationIdentifierModel: {"kind", "rawId", "communicationUser":{"id"}}. */
json_t *identity_json(const struct identity *identity);

/*
 * The id that a CommunicationIdentifierModel names: its rawId, else its
 * communicationUser's. NULL when it has neither; borrowed from the JSON.
 */
const char *identity_id_from_json(json_t *model);

#endif
