/*
 * operation.h - what can be asked of the sandbox, by name
 */
#ifndef CHATRELAY_SANDBOX_OPERATION_H
#define CHATRELAY_SANDBOX_OPERATION_H

#include "base/error.h"

enum operation {
    OPERATION_ANY,     /* every one of chat and identity */
    OPERATION_CONNECT, /* a connection, before anything is read from it */
    OPERATION_SEND,
    OPERATION_LIST,
    OPERATION_GET,
    OPERATION_UPDATE,
    OPERATION_DELETE,
    OPERATION_CREATE_THREAD,
    OPERATION_LIST_THREADS,
    OPERATION_PROPERTIES,
    OPERATION_UPDATE_THREAD,
    OPERATION_DELETE_THREAD,
    OPERATION_PARTICIPANTS,
    OPERATION_ADD_PARTICIPANTS,
    OPERATION_REMOVE_PARTICIPANT,
    OPERATION_TYPING,
    OPERATION_READ_RECEIPT,
    OPERATION_READ_RECEIPTS,
    OPERATION_CREATE_IDENTITY,
    OPERATION_DELETE_IDENTITY,
    OPERATION_TOKEN,
    OPERATION_REVOKE,
    OPERATION_CONTROL, /* the sandbox's own; has no name, as no fault may strike it */
};

/* The operation of that name; an error that suggests the nearest when there is none. */
MUST_CHECK bool operation_parse(const char *name, enum operation *operation, struct error *err);

const char *operation_name(enum operation operation);

#endif
