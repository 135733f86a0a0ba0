/*
 * outbox_contract.h - what an engine's test provides to the contract suite
 *
 * The suite (outbox_contract.c and its neighbours) is linked into one test
 * program for each engine.
 */
#ifndef CHATRELAY_TESTS_CONTRACT_OUTBOX_CONTRACT_H
#define CHATRELAY_TESTS_CONTRACT_OUTBOX_CONTRACT_H

#include "queue/outbox.h"

/* Before and after each test: an empty store, and its end. */
void store_make(void);
void store_remove(void);

/* Open the store of this test; NULL with a sentence. */
struct outbox *store_open(const char *machine_id, struct error *err);

/* For the tests: open it or fail. */
struct outbox *contract_open(void);

/* For the tests: close it, in the middle of a turn or not, and open it again. */
void contract_reopen(struct outbox **outbox);

/* For the tests: commit or fail. */
void contract_commit(struct outbox *outbox);

/* A constant as a message's text, which is only borrowed when it is stored. */
char *contract_text(const char *text);

/* A pending message of `lane` with some content, as a sender's would be. */
struct message contract_message(lane_id lane);

/* Add one of those in `state`; its id. */
int64_t contract_add(struct outbox *outbox, lane_id lane, enum message_state state);

/* Load a message that must be there, and move it. */
void contract_move(struct outbox *outbox, int64_t id, enum message_state state);

/* Send a pending one, at its first attempt or a later one. */
void contract_send(struct outbox *outbox, int64_t id);

/* Make it pending again, at the place that it would have had. */
void contract_release(struct outbox *outbox, int64_t id);

#endif
