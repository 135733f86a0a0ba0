#include "base/discretion.h"

#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>

void discretion_begin(void)
{
    const struct rlimit none = { 0, 0 };
    setrlimit(RLIMIT_CORE, &none);
    prctl(PR_SET_DUMPABLE, 0);
    unsetenv("SSLKEYLOGFILE"); /* libcurl would write the keys of its connections there */
}
