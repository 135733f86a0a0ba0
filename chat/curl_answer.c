#include "chat/curl_answer.h"

#include "chat/tls_words.h"

static const struct {
    CURLcode code;
    enum http_failure failure;
} failures[] = {
    { CURLE_COULDNT_RESOLVE_HOST, HTTP_FAILURE_NAME },
    { CURLE_COULDNT_CONNECT, HTTP_FAILURE_CONNECT },
    { CURLE_SSL_CONNECT_ERROR, HTTP_FAILURE_TLS },
    { CURLE_PEER_FAILED_VERIFICATION, HTTP_FAILURE_TLS },
    { CURLE_SSL_CACERT_BADFILE, HTTP_FAILURE_TLS },
    { CURLE_SSL_ISSUER_ERROR, HTTP_FAILURE_TLS },
    { CURLE_SSL_CIPHER, HTTP_FAILURE_TLS },
    { CURLE_SSL_CERTPROBLEM, HTTP_FAILURE_TLS },
    { CURLE_OPERATION_TIMEDOUT, HTTP_FAILURE_TIMEOUT },
    { CURLE_GOT_NOTHING, HTTP_FAILURE_CLOSED },
    { CURLE_SEND_ERROR, HTTP_FAILURE_CLOSED },
    { CURLE_RECV_ERROR, HTTP_FAILURE_CLOSED },
    { CURLE_PARTIAL_FILE, HTTP_FAILURE_CLOSED },
    { CURLE_ABORTED_BY_CALLBACK, HTTP_FAILURE_CLOSED },
    { CURLE_WEIRD_SERVER_REPLY, HTTP_FAILURE_GARBLED },
    { CURLE_UNSUPPORTED_PROTOCOL, HTTP_FAILURE_GARBLED },
    { CURLE_BAD_CONTENT_ENCODING, HTTP_FAILURE_GARBLED },
};

static enum http_failure failure_of(CURLcode result)
{
    if (result == CURLE_OK)
        return HTTP_FAILURE_NONE;
    for (size_t i = 0; i < sizeof failures / sizeof *failures; i++)
        if (failures[i].code == result)
            return failures[i].failure;
    return HTTP_FAILURE_OTHER;
}

/* The proxy's own no. What it is asked to carry has not left us then. */
static bool proxy_refused(CURL *easy, bool admitted)
{
    long status = 0;
    curl_easy_getinfo(easy, CURLINFO_HTTP_CONNECTCODE, &status);
    return !admitted && status >= 300;
}

static const char *words_for(CURLcode result, const char *words)
{
    if (result == CURLE_OK)
        return "";
    if (result == CURLE_ABORTED_BY_CALLBACK)
        return "The kept connection broke before an answer came";
    const char *of_tls = failure_of(result) == HTTP_FAILURE_TLS ? tls_words(words) : NULL;
    if (of_tls)
        return of_tls;
    return words[0] ? words : curl_easy_strerror(result);
}

const char *http_failure_name(enum http_failure failure)
{
    static const char *const names[] = {
        [HTTP_FAILURE_NONE] = "",           [HTTP_FAILURE_NAME] = "name",
        [HTTP_FAILURE_CONNECT] = "connect", [HTTP_FAILURE_TLS] = "tls",
        [HTTP_FAILURE_TIMEOUT] = "timeout", [HTTP_FAILURE_CLOSED] = "closed",
        [HTTP_FAILURE_GARBLED] = "garbled", [HTTP_FAILURE_OTHER] = "failed",
    };
    return names[failure];
}

/*
 * The final status, 0 when none came. A 1xx is an interim word that tells
 * nothing about the end (RFC 9110, 15.2), unless the answer ended with it: so
 * ends 101, a protocol we did not ask for.
 */
static int final_status(CURL *easy, CURLcode result)
{
    long status = 0;
    curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
    bool interim = status < 200 && result != CURLE_OK;
    return interim ? 0 : (int)status;
}

static const char *header(CURL *easy, const char *name)
{
    struct curl_header *found = NULL;
    return curl_easy_header(easy, name, 0, CURLH_HEADER, -1, &found) == CURLHE_OK ? found->value
                                                                                  : NULL;
}

/* What a refusal is judged by. */
static void read_refusal(CURL *easy, struct http_reply *reply)
{
    reply->content_type = header(easy, "Content-Type");
    reply->retry_after = header(easy, "Retry-After");
    reply->retry_after_ms = header(easy, "retry-after-ms");
    if (!reply->retry_after_ms)
        reply->retry_after_ms = header(easy, "x-ms-retry-after-ms");
}

static void read_headers(CURL *easy, struct http_reply *reply)
{
    reply->date = header(easy, "Date");
    reply->location = header(easy, "Location");
    reply->ms_cv = header(easy, "MS-CV");
}

static msec_t elapsed_ms(CURL *easy, CURLINFO what)
{
    curl_off_t elapsed_us = 0;
    curl_easy_getinfo(easy, what, &elapsed_us);
    return elapsed_us / 1000;
}

static void read_times(CURL *easy, struct http_reply *reply)
{
    long connections = 0;
    curl_easy_getinfo(easy, CURLINFO_NUM_CONNECTS, &connections);
    msec_t total_ms = elapsed_ms(easy, CURLINFO_TOTAL_TIME_T);
    if (reply->progress == HTTP_NOTHING_SENT)
        reply->connect_ms = total_ms;
    else if (connections > 0)
        reply->connect_ms = msec_max(elapsed_ms(easy, CURLINFO_CONNECT_TIME_T),
                                     elapsed_ms(easy, CURLINFO_APPCONNECT_TIME_T));
    reply->request_ms = msec_max(0, total_ms - reply->connect_ms);
}

void curl_answer_read(CURL *easy, CURLcode result, bool admitted, const char *words,
                      struct http_reply *reply)
{
    reply->status = final_status(easy, result);
    reply->progress = reply->status ? HTTP_ANSWERED : admitted ? HTTP_SENT : HTTP_NOTHING_SENT;
    reply->failure = proxy_refused(easy, admitted) ? HTTP_FAILURE_CONNECT : failure_of(result);
    reply->failure_text = words_for(result, words);
    if (reply->status)
        read_headers(easy, reply);
    /* Looking for what is not there takes longest: what has succeeded asks for no wait. */
    if (reply->status && reply->status != 200 && reply->status != 201)
        read_refusal(easy, reply);
    read_times(easy, reply);
}
