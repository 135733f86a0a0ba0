#include "sandbox/ledger.h"

#include "base/attributes.h"
#include "base/memory.h"

#include <event2/buffer.h>
#include <event2/keyvalq_struct.h>
#include <stdlib.h>
#include <string.h>

enum { MESSAGES_AT_ONCE = 500 };

struct stream {
    const struct store *store;
    struct evhttp_request *request;
    struct connection *connection;
    char *thread; /* NULL: all */
    bool with_system;
    uint64_t to_skip;
    size_t next;
};

static void stream_free(struct stream *stream)
{
    free(stream->thread);
    free(stream);
}

/* The client went away. evhttp leaves a request that was being answered to us. */
static void on_closed(void *context)
{
    struct stream *stream = context;
    if (!evhttp_request_get_connection(stream->request))
        evhttp_request_free(stream->request);
    stream_free(stream);
}

static bool is_wanted(struct stream *stream, const struct message *message)
{
    if (!stream->with_system && !message_is_said(message))
        return false;
    if (stream->thread && strcmp(stream->thread, message->thread->id) != 0)
        return false;
    if (stream->to_skip == 0)
        return true;
    stream->to_skip--;
    return false;
}

static void add_line(struct evbuffer *lines, const struct message *message)
{
    json_t *json = message_json(message);
    json_object_set_new(json, "threadId", json_string(message->thread->id));
    CLEANUP(free_memory) char *line = json_dumps(json, JSON_COMPACT);
    json_decref(json);
    evbuffer_add(lines, line, strlen(line));
    evbuffer_add(lines, "\n", 1);
}

static void add_lines(struct stream *stream, struct evbuffer *lines)
{
    for (size_t added = 0; added < MESSAGES_AT_ONCE && stream->next < stream->store->ledger_count;
         stream->next++) {
        const struct message *message = stream->store->ledger[stream->next];
        if (!is_wanted(stream, message))
            continue;
        add_line(lines, message);
        added++;
    }
}

/* Called at the start and whenever the client has taken all so far. */
static void send_more(struct evhttp_connection *evcon, void *context)
{
    struct stream *stream = context;
    struct evbuffer *lines = evbuffer_new();
    (void)evcon;

    add_lines(stream, lines);
    if (evbuffer_get_length(lines) > 0) {
        evhttp_send_reply_chunk_with_cb(stream->request, lines, send_more, stream);
    } else {
        stream->connection->closed = NULL;
        evhttp_send_reply_end(stream->request);
        stream_free(stream);
    }
    evbuffer_free(lines);
}

void ledger_stream(const struct store *store, struct evhttp_request *request,
                   struct connection *connection)
{
    struct evkeyvalq query;
    const char *text = evhttp_uri_get_query(evhttp_request_get_evhttp_uri(request));
    evhttp_parse_query_str(text ? text : "", &query);
    const char *from = evhttp_find_header(&query, "from");

    struct stream *stream = xcalloc(1, sizeof *stream);
    stream->store = store;
    stream->request = request;
    stream->connection = connection;
    stream->thread = xstrdup_or_null(evhttp_find_header(&query, "thread"));
    stream->with_system = evhttp_find_header(&query, "system") != NULL;
    stream->to_skip = from ? strtoull(from, NULL, 10) : 0;
    evhttp_clear_headers(&query);

    connection->closed = on_closed;
    connection->context = stream;
    evhttp_add_header(evhttp_request_get_output_headers(request), "Content-Type",
                      "application/jsonl");
    evhttp_send_reply_start(request, 200, "OK");
    send_more(NULL, stream);
}
