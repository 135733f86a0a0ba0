#include "sandbox/routes.h"

#include "sandbox/api_identity.h"
#include "sandbox/api_message.h"
#include "sandbox/api_participant.h"
#include "sandbox/api_thread.h"
#include "sandbox/control.h"

#include <stddef.h>

#define THREADS "/chat/threads"
#define THREAD THREADS "/*"
#define MESSAGES THREAD "/messages"
#define MESSAGE MESSAGES "/*"
#define PARTICIPANTS THREAD "/participants"
#define RECEIPTS THREAD "/readReceipts"
#define TYPING THREAD "/typing"
#define IDENTITIES "/identities"
#define IDENTITY IDENTITIES "/*"

const struct route routes[] = {
    { EVHTTP_REQ_POST, MESSAGES, OPERATION_SEND, ACCESS_PARTICIPANT, BUDGET_SEND,
      api_message_send },
    { EVHTTP_REQ_GET, MESSAGES, OPERATION_LIST, ACCESS_READER, BUDGET_LIST, api_message_list },
    { EVHTTP_REQ_GET, MESSAGE, OPERATION_GET, ACCESS_READER, BUDGET_GET, api_message_get },
    { EVHTTP_REQ_PATCH, MESSAGE, OPERATION_UPDATE, ACCESS_PARTICIPANT, BUDGET_SEND,
      api_message_update },
    { EVHTTP_REQ_DELETE, MESSAGE, OPERATION_DELETE, ACCESS_PARTICIPANT, BUDGET_SEND,
      api_message_delete },

    { EVHTTP_REQ_POST, THREADS, OPERATION_CREATE_THREAD, ACCESS_USER, BUDGET_NONE,
      api_thread_create },
    { EVHTTP_REQ_GET, THREADS, OPERATION_LIST_THREADS, ACCESS_USER, BUDGET_NONE, api_thread_list },
    { EVHTTP_REQ_GET, THREAD, OPERATION_PROPERTIES, ACCESS_READER, BUDGET_NONE,
      api_thread_properties },
    { EVHTTP_REQ_PATCH, THREAD, OPERATION_UPDATE_THREAD, ACCESS_PARTICIPANT, BUDGET_NONE,
      api_thread_update },
    { EVHTTP_REQ_DELETE, THREAD, OPERATION_DELETE_THREAD, ACCESS_PARTICIPANT, BUDGET_NONE,
      api_thread_delete },

    { EVHTTP_REQ_GET, PARTICIPANTS, OPERATION_PARTICIPANTS, ACCESS_READER, BUDGET_NONE,
      api_participant_list },
    { EVHTTP_REQ_POST, PARTICIPANTS "/:add", OPERATION_ADD_PARTICIPANTS, ACCESS_PARTICIPANT,
      BUDGET_NONE, api_participant_add },
    { EVHTTP_REQ_POST, PARTICIPANTS "/:remove", OPERATION_REMOVE_PARTICIPANT, ACCESS_PARTICIPANT,
      BUDGET_NONE, api_participant_remove },
    { EVHTTP_REQ_POST, TYPING, OPERATION_TYPING, ACCESS_PARTICIPANT, BUDGET_NONE,
      api_participant_typing },
    { EVHTTP_REQ_POST, RECEIPTS, OPERATION_READ_RECEIPT, ACCESS_PARTICIPANT, BUDGET_NONE,
      api_participant_read_receipt },
    { EVHTTP_REQ_GET, RECEIPTS, OPERATION_READ_RECEIPTS, ACCESS_READER, BUDGET_NONE,
      api_participant_list_receipts },

    { EVHTTP_REQ_POST, IDENTITIES, OPERATION_CREATE_IDENTITY, ACCESS_KEY, BUDGET_NONE,
      api_identity_create },
    { EVHTTP_REQ_DELETE, IDENTITY, OPERATION_DELETE_IDENTITY, ACCESS_KEY, BUDGET_NONE,
      api_identity_delete },
    { EVHTTP_REQ_POST, IDENTITY "/:issueAccessToken", OPERATION_TOKEN, ACCESS_KEY, BUDGET_NONE,
      api_identity_issue_token },
    { EVHTTP_REQ_POST, IDENTITY "/:revokeAccessTokens", OPERATION_REVOKE, ACCESS_KEY, BUDGET_NONE,
      api_identity_revoke_tokens },

    { EVHTTP_REQ_POST, "/sandbox/faults", OPERATION_CONTROL, ACCESS_ANYBODY, BUDGET_NONE,
      control_add_faults },
    { EVHTTP_REQ_GET, "/sandbox/faults", OPERATION_CONTROL, ACCESS_ANYBODY, BUDGET_NONE,
      control_list_faults },
    { EVHTTP_REQ_DELETE, "/sandbox/faults", OPERATION_CONTROL, ACCESS_ANYBODY, BUDGET_NONE,
      control_clear_faults },
    { EVHTTP_REQ_DELETE, "/sandbox/faults/*", OPERATION_CONTROL, ACCESS_ANYBODY, BUDGET_NONE,
      control_remove_fault },
    { EVHTTP_REQ_GET, "/sandbox/stats", OPERATION_CONTROL, ACCESS_ANYBODY, BUDGET_NONE,
      control_stats },
    { EVHTTP_REQ_POST, "/sandbox/identities", OPERATION_CONTROL, ACCESS_ANYBODY, BUDGET_NONE,
      control_add_identity },
    { EVHTTP_REQ_POST, "/sandbox/threads", OPERATION_CONTROL, ACCESS_ANYBODY, BUDGET_NONE,
      control_add_thread },
    { EVHTTP_REQ_POST, "/sandbox/tokens", OPERATION_CONTROL, ACCESS_ANYBODY, BUDGET_NONE,
      control_add_token },
    { 0 },
};
