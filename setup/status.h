/*
 * status.h - what the program's exit status promises
 *
 * The numbers are those of chatrelay(1). But for 0, what was asked for is not
 * done, or not all of it; the same command may be repeated and goes on from there.
 */
#ifndef CHATRELAY_SETUP_STATUS_H
#define CHATRELAY_SETUP_STATUS_H

enum status {
    STATUS_DONE = 0,
    STATUS_USAGE = 64,          /* the command line is wrong */
    STATUS_BAD_DATA = 65,       /* no connection string, a wrong id, ... */
    STATUS_NOT_FOUND = 66,      /* the service knows no such identity, person or message */
    STATUS_UNKNOWN_THREAD = 67, /* neither the settings nor the service know such a thread */
    STATUS_UNREACHABLE = 69,    /* the service did not answer */
    STATUS_TRY_LATER = 75,      /* it did, and cannot do it now; or our output is lost */
    STATUS_PROTOCOL = 76,       /* what answered is not the service */
    STATUS_DENIED = 77,         /* a key or a token is refused, or a file cannot be written */
    STATUS_BAD_SETTINGS = 78,   /* the settings are wrong, or are not ours to change */
};

#endif
