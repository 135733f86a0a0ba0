/*
 * api_error.h - the form in which the chat says no. Pure.
 */
#ifndef CHATRELAY_CHAT_API_ERROR_H
#define CHATRELAY_CHAT_API_ERROR_H

#include <stdbool.h>
#include <stddef.h>

/* Cut to fit; free of control characters. `message` is "" when there is none. */
struct api_error {
    char code[64];
    char message[120];
};

/*
 * ACS documents {"error":{"code","message"}} and was seen to answer
 * {"CommunicationError":{"Code","Message"}}: both are read, in any case of
 * letters. False, with nothing read, when the body is neither; a gateway wrote it then, or nobody.
 */
bool api_error_parse(const char *body, size_t length, struct api_error *error);

#endif
