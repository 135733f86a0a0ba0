/*
 * uuid.h - random UUIDs (RFC 9562, version 4)
 */
#ifndef CHATRELAY_BASE_UUID_H
#define CHATRELAY_BASE_UUID_H

#include <stdint.h>

enum { UUID_RANDOM_BYTES = 16, UUID_TEXT_SIZE = 37 };

/* "f81d4fae-7dec-41d0-a765-00a0c91e6bf6", out of these random bytes; six bits of them are lost. */
void uuid_write(const uint8_t random[UUID_RANDOM_BYTES], char text[UUID_TEXT_SIZE]);

#endif
