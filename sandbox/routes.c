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
    { EVHTTP_REQ_POST, MESSAGES, "send", ACCESS_PARTICIPANT, BUDGET_SEND, api_message_send },
    { EVHTTP_REQ_GET, MESSAGES, "list", ACCESS_READER, BUDGET_LIST, api_message_list },
    { EVHTTP_REQ_GET, MESSAGE, "get", ACCESS_READER, BUDGET_GET, api_message_get },
    { EVHTTP_REQ_PATCH, MESSAGE, "update", ACCESS_PARTICIPANT, BUDGET_SEND, api_message_update },
    { EVHTTP_REQ_DELETE, MESSAGE, "delete", ACCESS_PARTICIPANT, BUDGET_SEND, api_message_delete },

    { EVHTTP_REQ_POST, THREADS, "create-thread", ACCESS_USER, BUDGET_NONE, api_thread_create },
    { EVHTTP_REQ_GET, THREADS, "list-threads", ACCESS_USER, BUDGET_NONE, api_thread_list },
    { EVHTTP_REQ_GET, THREAD, "properties", ACCESS_READER, BUDGET_NONE, api_thread_properties },
    { EVHTTP_REQ_PATCH, THREAD, "update-thread", ACCESS_PARTICIPANT, BUDGET_NONE,
      api_thread_update },
    { EVHTTP_REQ_DELETE, THREAD, "delete-thread", ACCESS_PARTICIPANT, BUDGET_NONE,
      api_thread_delete },

    { EVHTTP_REQ_GET, PARTICIPANTS, "participants", ACCESS_READER, BUDGET_NONE,
      api_participant_list },
    { EVHTTP_REQ_POST, PARTICIPANTS "/:add", "add-participants", ACCESS_PARTICIPANT, BUDGET_NONE,
      api_participant_add },
    { EVHTTP_REQ_POST, PARTICIPANTS "/:remove", "remove-participant", ACCESS_PARTICIPANT,
      BUDGET_NONE, api_participant_remove },
    { EVHTTP_REQ_POST, TYPING, "typing", ACCESS_PARTICIPANT, BUDGET_NONE, api_participant_typing },
    { EVHTTP_REQ_POST, RECEIPTS, "read-receipt", ACCESS_PARTICIPANT, BUDGET_NONE,
      api_participant_read_receipt },
    { EVHTTP_REQ_GET, RECEIPTS, "read-receipts", ACCESS_READER, BUDGET_NONE,
      api_participant_list_receipts },

    { EVHTTP_REQ_POST, IDENTITIES, "create-identity", ACCESS_KEY, BUDGET_NONE,
      api_identity_create },
    { EVHTTP_REQ_DELETE, IDENTITY, "delete-identity", ACCESS_KEY, BUDGET_NONE,
      api_identity_delete },
    { EVHTTP_REQ_POST, IDENTITY "/:issueAccessToken", "token", ACCESS_KEY, BUDGET_NONE,
      api_identity_issue_token },
    { EVHTTP_REQ_POST, IDENTITY "/:revokeAccessTokens", "revoke", ACCESS_KEY, BUDGET_NONE,
      api_identity_revoke_tokens },

    { EVHTTP_REQ_POST, "/sandbox/faults", "control", ACCESS_ANYBODY, BUDGET_NONE,
      control_add_faults },
    { EVHTTP_REQ_GET, "/sandbox/faults", "control", ACCESS_ANYBODY, BUDGET_NONE,
      control_list_faults },
    { EVHTTP_REQ_DELETE, "/sandbox/faults", "control", ACCESS_ANYBODY, BUDGET_NONE,
      control_clear_faults },
    { EVHTTP_REQ_DELETE, "/sandbox/faults/*", "control", ACCESS_ANYBODY, BUDGET_NONE,
      control_remove_fault },
    { EVHTTP_REQ_GET, "/sandbox/stats", "control", ACCESS_ANYBODY, BUDGET_NONE, control_stats },
    { EVHTTP_REQ_POST, "/sandbox/identities", "control", ACCESS_ANYBODY, BUDGET_NONE,
      control_add_identity },
    { EVHTTP_REQ_POST, "/sandbox/threads", "control", ACCESS_ANYBODY, BUDGET_NONE,
      control_add_thread },
    { EVHTTP_REQ_POST, "/sandbox/tokens", "control", ACCESS_ANYBODY, BUDGET_NONE,
      control_add_token },
    { 0 },
};
