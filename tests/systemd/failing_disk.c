/*
 * failing_disk.c - an NVMe disk that fails, for smartd: preloaded, any file is one
 *
 * The questions are those of <linux/nvme_ioctl.h>, the answers are in the form of NVM
 * Express 1.4: Identify Controller (figure 247), SMART / Health Information (figure 194).
 */
#include <dlfcn.h>
#include <linux/ioctl.h>
#include <linux/nvme_ioctl.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

enum { IDENTIFY = 6, GET_LOG_PAGE = 2, HEALTH_PAGE = 2, RELIABILITY_DEGRADED = 1 << 2 };

static void answer(const struct nvme_passthru_cmd *command)
{
    unsigned char *data = (unsigned char *)(uintptr_t)command->addr;
    memset(data, 0, command->data_len);
    if (command->opcode == IDENTIFY) {
        memcpy(data + 4, "SERIAL-1            ", 20);
        memcpy(data + 24, "A disk that fails                       ", 40);
        memcpy(data + 64, "1.0     ", 8);
    } else if (command->opcode == GET_LOG_PAGE && (command->cdw10 & 0xff) == HEALTH_PAGE) {
        data[0] = RELIABILITY_DEGRADED;
        data[1] = 300 % 256;
        data[2] = 300 / 256; /* kelvin */
        data[3] = 100;       /* per cent that are spare, more than the threshold */
        data[4] = 10;
    }
}

int ioctl(int fd, unsigned long request, ...)
{
    va_list arguments;
    va_start(arguments, request);
    void *argument = va_arg(arguments, void *);
    va_end(arguments);
    if (request == NVME_IOCTL_ID)
        return 1;
    if (request == NVME_IOCTL_ADMIN_CMD) {
        answer(argument);
        return 0;
    }
    int (*next)(int, unsigned long, ...);
    *(void **)&next = dlsym(RTLD_NEXT, "ioctl");
    return next(fd, request, argument);
}
