#include "client/batch_input.h"

#include "client/say.h"
#include "wire/request.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

enum { LONGEST_LINE = 4 * REQUEST_LONGEST_LINE };

static void drop_used(struct batch_input *input)
{
    text_drop(&input->received, input->used);
    input->used = 0;
}

static bool lose_rest(struct batch_input *input)
{
    struct text *received = &input->received;
    say("cannot read %s: %s", input->name, strerrordesc_np(errno));
    while (received->length > input->used && received->bytes[received->length - 1] != '\n')
        received->length--;
    input->has_ended = true;
    return false;
}

bool batch_input_read(struct batch_input *input)
{
    char bytes[64 * 1024];
    ssize_t count = read(input->fd, bytes, sizeof bytes);
    if (count < 0)
        return errno == EINTR || errno == EAGAIN || lose_rest(input);
    drop_used(input);
    if (count == 0)
        input->has_ended = true;
    else
        text_append(&input->received, bytes, (size_t)count);
    if (input->received.length > LONGEST_LINE) {
        say("a line has no end; what follows it is left unread");
        input->has_ended = true; /* and the line is refused as too long */
    }
    return true;
}

bool batch_input_next(struct batch_input *input, const char **line, size_t *length)
{
    size_t left = input->received.length - input->used;
    if (left == 0)
        return false;
    *line = input->received.bytes + input->used;
    const char *end = memchr(*line, '\n', left);
    if (!end && !input->has_ended)
        return false;
    *length = end ? (size_t)(end - *line) : left;
    input->used += *length + (end ? 1 : 0);
    return true;
}

bool batch_input_is_over(const struct batch_input *input)
{
    return input->has_ended && input->used == input->received.length;
}
