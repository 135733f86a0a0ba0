#include "sandbox/exchange.h"

#include "base/instant.h"
#include "base/memory.h"
#include "sandbox/base64.h"
#include "sandbox/gate.h"
#include "sandbox/mischief.h"

#include <event2/buffer.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct exchange {
    TAILQ_ENTRY(exchange) link;
    struct exchange_host *host;
    struct evhttp_request *request; /* NULL once the client has gone */
    struct call *call;
    struct answer answer;
    struct event *timer; /* set while it waits; NULL in a wait without end */
    bool waits;
    bool carry_out_later; /* the wait comes before the deed, not after */
};

static void exchange_free(struct exchange *exchange)
{
    if (exchange->waits)
        TAILQ_REMOVE(&exchange->host->waiting, exchange, link);
    if (exchange->timer)
        event_free(exchange->timer);
    answer_clear(&exchange->answer);
    call_free(exchange->call);
    free(exchange);
}

/* ACS: what real answers carry. MS-CV is what support asks for. */
static void add_usual_headers(struct exchange *exchange, msec_t took_ms)
{
    struct answer *answer = &exchange->answer;
    unsigned char chance[12];
    char text[INSTANT_LONGEST_TEXT];

    instant_format_http(service_clock_now(&exchange->host->service->clock), text);
    answer_header(answer, "Date", text);
    arc4random_buf(chance, sizeof chance);
    CLEANUP(free_memory) char *vector = base64_encode(chance, sizeof chance);
    CLEANUP(free_memory) char *correlation = xasprintf("%s.0", vector);
    answer_header(answer, "MS-CV", correlation);
    answer_header(answer, "X-Azure-Ref", vector);
    snprintf(text, sizeof text, "%" PRId64 "ms", took_ms);
    answer_header(answer, "X-Processing-Time", text);
    answer_header(answer, "X-Cache", "CONFIG_NOCACHE");
}

/* ACS: x-ms-client-request-id comes back to those who ask for it. */
static void echo_request_id(struct exchange *exchange)
{
    if (!exchange->call)
        return;
    const char *id = call_header(exchange->call, "x-ms-client-request-id");
    const char *wanted = call_header(exchange->call, "x-ms-return-client-request-id");
    if (id && wanted && strcmp(wanted, "true") == 0)
        answer_header(&exchange->answer, "x-ms-client-request-id", id);
}

/* Hand the answer to evhttp, which frees the request. */
static void send_answer(struct exchange *exchange)
{
    const struct answer *answer = &exchange->answer;
    struct evhttp_request *request = exchange->request;
    struct evkeyvalq *headers = evhttp_request_get_output_headers(request);
    const struct evkeyval *header = NULL;
    const char *reason = http_reason(answer->status);

    TAILQ_FOREACH(header, &answer->headers, next)
    evhttp_add_header(headers, header->key, header->value);
    struct evbuffer *body = evbuffer_new();
    if (answer->body.length > 0)
        evbuffer_add(body, answer->body.bytes, answer->body.length);
    if (exchange->host->chunked && answer->body.length > 0) {
        evhttp_send_reply_start(request, answer->status, reason);
        evhttp_send_reply_chunk(request, body);
        evhttp_send_reply_end(request);
    } else {
        evhttp_send_reply(request, answer->status, reason, body);
    }
    evbuffer_free(body);
}

/* An interim answer is no answer: evhttp cannot send one, and nothing follows it. */
static void send_interim(struct exchange *exchange)
{
    CLEANUP(text_clear) struct text raw = { 0 };
    mischief_raw(&exchange->answer, &raw);
    connection_end_with(evhttp_request_get_connection(exchange->request), raw.bytes, raw.length);
}

static void finish(struct exchange *exchange)
{
    if (exchange->request && exchange->answer.status < 200)
        send_interim(exchange);
    else if (exchange->request)
        send_answer(exchange);
    exchange_free(exchange);
}

static void carry_out(struct exchange *exchange)
{
    if (gate_admit(exchange->call, &exchange->answer))
        exchange->call->route->handle(exchange->call, &exchange->answer);
    echo_request_id(exchange);
}

static void on_time(evutil_socket_t fd, short events, void *context)
{
    struct exchange *exchange = context;
    (void)fd;
    (void)events;
    if (exchange->carry_out_later) {
        call_read_clock(exchange->call);
        carry_out(exchange);
        add_usual_headers(exchange, 0);
    }
    finish(exchange);
}

/* The client gave up. What it asked for may still be done, as with a real service. */
static void on_gone(struct bufferevent *stream, short events, void *context)
{
    struct exchange *exchange = context;
    (void)stream;
    (void)events;
    evhttp_connection_free(evhttp_request_get_connection(exchange->request));
    exchange->request = NULL;
    if (!exchange->carry_out_later || !exchange->timer)
        exchange_free(exchange);
}

/* Wait so long; without end if negative. Meanwhile evhttp must not see what is read. */
static void wait_for(struct exchange *exchange, msec_t wait_ms)
{
    struct exchange_host *host = exchange->host;
    struct evhttp_connection *evcon = evhttp_request_get_connection(exchange->request);
    struct bufferevent *stream = evhttp_connection_get_bufferevent(evcon);

    exchange->waits = true;
    TAILQ_INSERT_TAIL(&host->waiting, exchange, link);
    bufferevent_setcb(stream, NULL, NULL, on_gone, exchange);
    bufferevent_enable(stream, EV_READ);
    if (wait_ms < 0)
        return;
    struct timeval wait = service_clock_timeval(&host->service->clock, wait_ms);
    exchange->timer = evtimer_new(host->base, on_time, exchange);
    event_base_update_cache_time(host->base); /* the turn may have taken its time already */
    evtimer_add(exchange->timer, &wait);
}

static msec_t latency(const struct exchange_host *host)
{
    msec_t spread_ms = host->latency_most_ms - host->latency_least_ms;
    return host->latency_least_ms + arc4random_uniform((uint32_t)spread_ms + 1);
}

/* The answer is complete: send it, as late as this service is slow. */
static void deliver(struct exchange *exchange)
{
    const struct call *call = exchange->call;
    bool ours = !call || call->route->access == ACCESS_ANYBODY;
    msec_t took_ms = ours ? 0 : latency(exchange->host);
    add_usual_headers(exchange, took_ms);
    if (took_ms > 0)
        wait_for(exchange, took_ms);
    else
        finish(exchange);
}

static void stall(struct exchange *exchange, const struct fault *fault)
{
    if (fault->stored) {
        carry_out(exchange);
        add_usual_headers(exchange, 0);
    } else {
        call_keep(exchange->call);
        exchange->carry_out_later = true;
    }
    wait_for(exchange, fault->for_ms);
}

/* End the connection the way the fault wants; the exchange is over. */
static void break_off(struct exchange *exchange, const struct fault *fault)
{
    CLEANUP(text_clear) struct text raw = { 0 };
    struct evhttp_connection *evcon = evhttp_request_get_connection(exchange->request);

    if (fault->kind == FAULT_RESET)
        connection_reset(evhttp_connection_get_bufferevent(evcon));
    if (fault->kind == FAULT_GARBAGE)
        text_add(&raw, mischief_garbage);
    if (fault->kind == FAULT_CUT) {
        add_usual_headers(exchange, 0);
        mischief_raw(&exchange->answer, &raw);
        raw.length = mischief_cut(fault, &exchange->answer, &raw);
    }
    connection_end_with(evcon, raw.bytes, raw.length);
    exchange_free(exchange);
}

static void go_wrong(struct exchange *exchange, const struct fault *fault)
{
    const struct service *service = exchange->host->service;
    if (fault->kind == FAULT_STALL) {
        stall(exchange, fault);
        return;
    }
    exchange->call->late_ms = fault->kind == FAULT_LATE ? fault->for_ms : 0;
    exchange->call->repeat_next_link = fault->kind == FAULT_REPEAT;
    if (fault->stored || fault->kind == FAULT_LATE || fault->kind == FAULT_REPEAT)
        carry_out(exchange);
    else
        call_refuse(exchange->call, &exchange->answer, 503, "A fault was asked for.");
    mischief_alter(fault, &exchange->answer, service->error_shape, exchange->call->now_at);

    if (fault->kind == FAULT_ANSWER || fault->kind == FAULT_LATE || fault->kind == FAULT_REPEAT)
        deliver(exchange);
    else
        break_off(exchange, fault);
}

static const struct fault *meet_fault(const struct exchange *exchange, bool reused)
{
    const struct call *call = exchange->call;
    bool in_thread = call->route->access >= ACCESS_READER;
    const struct fault_target target = {
        .operation = call->route->operation,
        .thread = in_thread ? call->captures[0] : NULL,
        .reused = reused,
    };
    if (call->route->access == ACCESS_ANYBODY)
        return NULL;
    return fault_plan_match(&exchange->host->service->faults, &target);
}

void exchange_begin(struct exchange_host *host, struct evhttp_request *request, struct call *call,
                    bool reused)
{
    struct exchange *exchange = xcalloc(1, sizeof *exchange);
    exchange->host = host;
    exchange->request = request;
    exchange->call = call;
    answer_init(&exchange->answer);
    if (!call) {
        answer_error(&exchange->answer, ERROR_DOCUMENTED, 404, "There is no such operation.");
        deliver(exchange);
        return;
    }
    gate_spend(call);
    const struct fault *fault = meet_fault(exchange, reused);
    if (fault) {
        go_wrong(exchange, fault);
        return;
    }
    carry_out(exchange);
    deliver(exchange);
}

void exchange_abandon_all(struct exchange_host *host)
{
    struct exchange *next = NULL;
    for (struct exchange *exchange = TAILQ_FIRST(&host->waiting); exchange; exchange = next) {
        next = TAILQ_NEXT(exchange, link);
        if (exchange->request)
            evhttp_connection_free(evhttp_request_get_connection(exchange->request));
        exchange_free(exchange);
    }
}
