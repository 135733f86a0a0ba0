/* Prints the settings part of chatrelay.conf(5). */
#include "config/config.h"

int main(void)
{
    config_print_manual(stdout);
    return 0;
}
