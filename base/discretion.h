/*
 * discretion.h - a process that holds secrets and lets nobody look at them
 */
#ifndef CHATRELAY_BASE_DISCRETION_H
#define CHATRELAY_BASE_DISCRETION_H

/*
 * From here on this process leaves no core file, is closed to others of its user (ptrace(2), and
 * /proc but for root), and its TLS libraries write down no keys. Before there is any other thread.
 */
void discretion_begin(void);

#endif
