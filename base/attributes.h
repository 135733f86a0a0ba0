/*
 * attributes.h - what we tell the compiler beyond standard C
 */
#ifndef CHATRELAY_BASE_ATTRIBUTES_H
#define CHATRELAY_BASE_ATTRIBUTES_H

/* Ignoring the result is a bug. */
#define MUST_CHECK __attribute__((warn_unused_result))

/* Check the arguments against the format, as for printf. */
#define PRINTF_LIKE(format_index, first_argument) \
    __attribute__((format(printf, format_index, first_argument)))

/* Call `function` with the variable's address when it goes out of scope. */
#define CLEANUP(function) __attribute__((cleanup(function)))

#endif
