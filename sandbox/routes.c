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
    { MESSAGES, EVHTTP_REQ_POST, OPERATION_SEND, ACCESS_PARTICIPANT, BUDGET_SEND,
      api_message_send },
    { MESSAGES, EVHTTP_REQ_GET, OPERATION_LIST, ACCESS_READER, BUDGET_LIST, api_message_list },
    { MESSAGE, EVHTTP_REQ_GET, OPERATION_GET, ACCESS_READER, BUDGET_GET, api_message_get },
    { MESSAGE, EVHTTP_REQ_PATCH, OPERATION_UPDATE, ACCESS_PARTICIPANT, BUDGET_SEND,
      api_message_update },
    { MESSAGE, EVHTTP_REQ_DELETE, OPERATION_DELETE, ACCESS_PARTICIPANT, BUDGET_SEND,
      api_message_delete },

    { THREADS, EVHTTP_REQ_POST, OPERATION_CREATE_THREAD, ACCESS_USER, BUDGET_NONE,
      api_thread_create },
    { THREADS, EVHTTP_REQ_GET, OPERATION_LIST_THREADS, ACCESS_USER, BUDGET_NONE, api_thread_list },
    { THREAD, EVHTTP_REQ_GET, OPERATION_PROPERTIES, ACCESS_READER, BUDGET_NONE,
      api_thread_properties },
    { THREAD, EVHTTP_REQ_PATCH, OPERATION_UPDATE_THREAD, ACCESS_PARTICIPANT, BUDGET_NONE,
      api_thread_update },
    { THREAD, EVHTTP_REQ_DELETE, OPERATION_DELETE_THREAD, ACCESS_PARTICIPANT, BUDGET_NONE,
      api_thread_delete },

    { PARTICIPANTS, EVHTTP_REQ_GET, OPERATION_PARTICIPANTS, ACCESS_READER, BUDGET_NONE,
      api_participant_list },
    { PARTICIPANTS "/:add", EVHTTP_REQ_POST, OPERATION_ADD_PARTICIPANTS, ACCESS_PARTICIPANT,
      BUDGET_NONE, api_participant_add },
    { PARTICIPANTS "/:remove", EVHTTP_REQ_POST, OPERATION_REMOVE_PARTICIPANT, ACCESS_PARTICIPANT,
      BUDGET_NONE, api_participant_remove },
    { TYPING, EVHTTP_REQ_POST, OPERATION_TYPING, ACCESS_PARTICIPANT, BUDGET_NONE,
      api_participant_typing },
    { RECEIPTS, EVHTTP_REQ_POST, OPERATION_READ_RECEIPT, ACCESS_PARTICIPANT, BUDGET_NONE,
      api_participant_read_receipt },
    { RECEIPTS, EVHTTP_REQ_GET, OPERATION_READ_RECEIPTS, ACCESS_READER, BUDGET_NONE,
      api_participant_list_receipts },

    { IDENTITIES, EVHTTP_REQ_POST, OPERATION_CREATE_IDENTITY, ACCESS_KEY, BUDGET_NONE,
      api_identity_create },
    { IDENTITY, EVHTTP_REQ_DELETE, OPERATION_DELETE_IDENTITY, ACCESS_KEY, BUDGET_NONE,
      api_identity_delete },
    { IDENTITY "/:issueAccessToken", EVHTTP_REQ_POST, OPERATION_TOKEN, ACCESS_KEY, BUDGET_NONE,
      api_identity_issue_token },
    { IDENTITY "/:revokeAccessTokens", EVHTTP_REQ_POST, OPERATION_REVOKE, ACCESS_KEY, BUDGET_NONE,
      api_identity_revoke_tokens },

    { "/sandbox/faults", EVHTTP_REQ_POST, OPERATION_CONTROL, ACCESS_ANYBODY, BUDGET_NONE,
      control_add_faults },
    { "/sandbox/faults", EVHTTP_REQ_GET, OPERATION_CONTROL, ACCESS_ANYBODY, BUDGET_NONE,
      control_list_faults },
    { "/sandbox/faults", EVHTTP_REQ_DELETE, OPERATION_CONTROL, ACCESS_ANYBODY, BUDGET_NONE,
      control_clear_faults },
    { "/sandbox/faults/*", EVHTTP_REQ_DELETE, OPERATION_CONTROL, ACCESS_ANYBODY, BUDGET_NONE,
      control_remove_fault },
    { "/sandbox/stats", EVHTTP_REQ_GET, OPERATION_CONTROL, ACCESS_ANYBODY, BUDGET_NONE,
      control_stats },
    { "/sandbox/identities", EVHTTP_REQ_POST, OPERATION_CONTROL, ACCESS_ANYBODY, BUDGET_NONE,
      control_add_identity },
    { "/sandbox/threads", EVHTTP_REQ_POST, OPERATION_CONTROL, ACCESS_ANYBODY, BUDGET_NONE,
      control_add_thread },
    { "/sandbox/tokens", EVHTTP_REQ_POST, OPERATION_CONTROL, ACCESS_ANYBODY, BUDGET_NONE,
      control_add_token },
    { 0 },
};
