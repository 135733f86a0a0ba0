/*
 * advice.h - what people can do about an error of the system
 */
#ifndef CHATRELAY_QUEUE_ADVICE_H
#define CHATRELAY_QUEUE_ADVICE_H

#include "base/error.h"

/* Ready to be put behind the error's name; "" if nobody knows. */
const char *advice_on(int system_error);

/* "NAME: what errno says: what to do". Always false. */
bool advice_set(struct error *err, const char *name);

#endif
