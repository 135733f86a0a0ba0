#include "sandbox/operation.h"

#include "base/nearest.h"

#include <stddef.h>
#include <string.h>

static const char *const names[] = {
    [OPERATION_ANY] = "any",
    [OPERATION_CONNECT] = "connect",
    [OPERATION_SEND] = "send",
    [OPERATION_LIST] = "list",
    [OPERATION_GET] = "get",
    [OPERATION_UPDATE] = "update",
    [OPERATION_DELETE] = "delete",
    [OPERATION_CREATE_THREAD] = "create-thread",
    [OPERATION_LIST_THREADS] = "list-threads",
    [OPERATION_PROPERTIES] = "properties",
    [OPERATION_UPDATE_THREAD] = "update-thread",
    [OPERATION_DELETE_THREAD] = "delete-thread",
    [OPERATION_PARTICIPANTS] = "participants",
    [OPERATION_ADD_PARTICIPANTS] = "add-participants",
    [OPERATION_REMOVE_PARTICIPANT] = "remove-participant",
    [OPERATION_TYPING] = "typing",
    [OPERATION_READ_RECEIPT] = "read-receipt",
    [OPERATION_READ_RECEIPTS] = "read-receipts",
    [OPERATION_CREATE_IDENTITY] = "create-identity",
    [OPERATION_DELETE_IDENTITY] = "delete-identity",
    [OPERATION_TOKEN] = "token",
    [OPERATION_REVOKE] = "revoke",
};

enum { NAMES = sizeof names / sizeof names[0] };

bool operation_parse(const char *name, enum operation *operation, struct error *err)
{
    for (size_t i = 0; i < NAMES; i++) {
        if (strcmp(name, names[i]) == 0) {
            *operation = (enum operation)i;
            return true;
        }
    }
    const char *near = nearest(name, names, NAMES);
    if (near)
        return error_set(err, "there is no operation \"%s\"; did you mean \"%s\"?", name, near);
    return error_set(err, "there is no operation \"%s\"", name);
}

const char *operation_name(enum operation operation)
{
    return operation == OPERATION_CONTROL ? "" : names[operation];
}
