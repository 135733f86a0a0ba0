/*
 * setting_table.c - all settings: one row each, and nothing else to do
 */
#include "config/config.h"
#include "config/setting.h"

#include <limits.h>
#include <sys/un.h>

#define SECOND 1000LL
#define MINUTE (60 * SECOND)
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)
#define TEBIBYTE (1LL << 40)

enum {
    LONGEST_PATH = PATH_MAX - 1,
    LONGEST_SOCKET_PATH = sizeof((struct sockaddr_un *)NULL)->sun_path - 1,
    LONGEST_TEXT = 256,
};

static const char *const on_doubt_choices[] = {
    [CONFIG_ON_DOUBT_LOOK] = "look",
    [CONFIG_ON_DOUBT_HOLD] = "hold",
    [CONFIG_ON_DOUBT_RISK_TWICE] = "risk_twice",
    NULL,
};

static const char *const content_unit_choices[] = {
    [CONFIG_CONTENT_UNIT_UTF8] = "utf8",
    [CONFIG_CONTENT_UNIT_UTF16] = "utf16",
    NULL,
};

static const char *const digest_choices[] = {
    [CONFIG_DIGEST_OFF] = "off",
    [CONFIG_DIGEST_BACKLOG] = "backlog",
    [CONFIG_DIGEST_ALWAYS] = "always",
    NULL,
};

const struct setting settings[] = {
    {
        .section = SECTION_RELAY,
        .name = "socket",
        .type = &value_path,
        .offset = offsetof(struct config_relay, socket_path),
        .most = LONGEST_SOCKET_PATH,
        .standard = "/run/chatrelay/socket",
        .help = "Where scripts hand in their messages. "
                "Not used when systemd passes the socket.",
    },
    {
        .section = SECTION_RELAY,
        .name = "outbox",
        .type = &value_path,
        .offset = offsetof(struct config_relay, outbox_path),
        .most = LONGEST_PATH,
        .standard = "/var/lib/chatrelay/outbox.db",
        .help = "The database that keeps the messages. "
                "It must be on a local file system.",
    },
    {
        .section = SECTION_RELAY,
        .name = "default_thread",
        .type = &value_name,
        .offset = offsetof(struct config_relay, default_thread),
        .standard_said = "the only thread, if there is just one",
        .help = "The thread of messages that name none.",
    },
    {
        .section = SECTION_RELAY,
        .name = "min_free",
        .type = &value_size,
        .offset = offsetof(struct config_relay, min_free_bytes),
        .most = TEBIBYTE,
        .standard = "64 MiB",
        .help = "No message is taken in while the outbox's file system has less space free than "
                "this, so that those already accepted can still be delivered.",
    },
    {
        .section = SECTION_RELAY,
        .name = "once_window",
        .type = &value_duration,
        .offset = offsetof(struct config_relay, once_window_ms),
        .least = 1,
        .most = 400 * DAY,
        .standard = "24h",
        .help = "For how long a message sent again with the same \"once\" is recognized as the "
                "same message.",
    },
    {
        .section = SECTION_RELAY,
        .name = "keep_content",
        .type = &value_duration,
        .offset = offsetof(struct config_relay, keep_content_ms),
        .least = 1,
        .most = 36500 * DAY,
        .standard = "7d",
        .help = "For how long the text of a message is kept after its end, then it is wiped. "
                "What is known of it otherwise stays.",
    },
    {
        .section = SECTION_RELAY,
        .name = "keep_record",
        .type = &value_duration,
        .offset = offsetof(struct config_relay, keep_record_ms),
        .least = 1,
        .most = 36500 * DAY,
        .standard = "400d",
        .help = "For how long it is known after a message's end that there was one, and what "
                "became of it. "
                "No shorter than \"once_window\" for a message that had a \"once\".",
    },
    {
        .section = SECTION_RELAY,
        .name = "time_zone",
        .type = &value_zone,
        .offset = offsetof(struct config_relay, time_zone),
        .most = LONGEST_TEXT,
        .standard = "UTC",
        .help = "The zone of the times that people are shown. "
                "One of /usr/share/zoneinfo, such as Europe/Berlin.",
    },
    {
        .section = SECTION_RELAY,
        .name = "alarm_command",
        .type = &value_command,
        .offset = offsetof(struct config_relay, alarm_command),
        .most = LONGEST_PATH,
        .help = "A program that calls a person by another way than the chat, by its absolute path, "
                "and its arguments with blanks between them: no shell reads them. "
                "It is run when something will not mend itself: a thread refuses us, there is no "
                "access token, messages were lost, nothing can be stored. "
                "What it is and how many wait is on its standard input; it has a minute. "
                "If it fails, it is run again after \"alarm_every\", or five minutes if that is "
                "longer; a loss is told until it has succeeded, also when the relay is restarted.",
    },
    {
        .section = SECTION_RELAY,
        .name = "alarm_every",
        .type = &value_duration,
        .offset = offsetof(struct config_relay, alarm_every_ms),
        .least = 1,
        .most = 365 * DAY,
        .standard = "1h",
        .help =
            "\"alarm_command\" is not run again sooner than this, and again then if a person is "
            "still needed. That the outbox is damaged is told for itself, at once and then as "
            "often, however often the relay is started.",
    },
    {
        .section = SECTION_RELAY,
        .name = "metadata_endpoint",
        .type = &value_metadata,
        .offset = offsetof(struct config_relay, metadata_endpoint),
        .standard = "http://169.254.169.254",
        .help = "Where a virtual machine's metadata service is, which senders with "
                "\"managed_identity\" ask.",
    },
    {
        .section = SECTION_ACCESS,
        .name = "allow",
        .type = &value_names,
        .offset = offsetof(struct config_access, allow),
        .standard = "root, @chatrelay",
        .help = "Users and @groups who may send, to every thread that has no \"allow\" of its "
                "own. "
                "A user or group that does not exist is nobody, which is warned of.",
    },
    {
        .section = SECTION_ACCESS,
        .name = "operators",
        .type = &value_names,
        .offset = offsetof(struct config_access, operators),
        .standard = "root",
        .help = "Users and @groups who see and handle everybody's messages; all others see their "
                "own.",
    },
    {
        .section = SECTION_SENDER,
        .name = "endpoint",
        .type = &value_endpoint,
        .offset = offsetof(struct config_sender, endpoint),
        .standard_said = "the one of the connection string",
        .help = "Where the chat service is: https://HOST, perhaps with a port. "
                "http:// is allowed only towards this machine.",
    },
    {
        .section = SECTION_SENDER,
        .name = "identity",
        .type = &value_identity,
        .offset = offsetof(struct config_sender, identity),
        .most = LONGEST_TEXT,
        .help =
            "The id of the communication user who speaks in the chat; it begins with \"8:acs:\".",
    },
    {
        .section = SECTION_SENDER,
        .name = "connection_string_file",
        .type = &value_secret,
        .offset = offsetof(struct config_sender, connection_string_file),
        .help = "A file that holds the resource's connection string, as Azure's portal shows it "
                "(endpoint=...;accesskey=...): access tokens are minted with its key, and renewed "
                "before they expire. "
                "Of a second one on a line of its own, the key is tried when the first is refused. "
                "For this and the next two, credential:NAME stands for a credential that systemd "
                "passes, and the file must not be readable by others (mode 0640 or less).",
    },
    {
        .section = SECTION_SENDER,
        .name = "access_key_file",
        .type = &value_secret,
        .offset = offsetof(struct config_sender, access_key_file),
        .help = "The same, of the access key alone, or of two.",
    },
    {
        .section = SECTION_SENDER,
        .name = "token_file",
        .type = &value_secret,
        .offset = offsetof(struct config_sender, token_file),
        .help = "A file that holds the identity's access token. "
                "It is read again whenever it changes; somebody else must renew it.",
    },
    {
        .section = SECTION_SENDER,
        .name = "token_command",
        .type = &value_command,
        .offset = offsetof(struct config_sender, token_command),
        .most = LONGEST_PATH,
        .help = "A program, by its absolute path, and its arguments with blanks between them: no "
                "shell reads them. "
                "It prints an access token, or {\"token\":\"...\",\"expiresOn\":\"...\"}, within "
                "request_timeout and ends with status 0; it is run again before the token expires.",
    },
    {
        .section = SECTION_SENDER,
        .name = "managed_identity",
        .type = &value_word,
        .offset = offsetof(struct config_sender, managed_identity),
        .most = LONGEST_TEXT,
        .help = "Mint access tokens with an identity that Azure gave this virtual machine, without "
                "any key: \"system\" for its own, or the client id of one that was assigned to it. "
                "It needs a role on the Communication Services resource.",
    },
    {
        .section = SECTION_SENDER,
        .name = "token_lifetime",
        .type = &value_duration,
        .offset = offsetof(struct config_sender, token_lifetime_ms),
        .least = 1,
        .most = DAY,
        .standard = "24h",
        .help = "For how long tokens are minted. "
                "The service makes none for less than 1h.",
    },
    {
        .section = SECTION_SENDER,
        .name = "display_name",
        .type = &value_text,
        .offset = offsetof(struct config_sender, display_name),
        .most = LONGEST_TEXT,
        .standard_said = "the name of this machine",
        .help = "The name beside a message in the chat, unless the message has its own.",
    },
    {
        .section = SECTION_SENDER,
        .name = "connect_timeout",
        .type = &value_duration,
        .offset = offsetof(struct config_sender, connect_timeout_ms),
        .least = 1,
        .most = 10 * MINUTE,
        .standard = "10s",
        .help = "How long a connection, with its TLS handshake, may take to come about.",
    },
    {
        .section = SECTION_SENDER,
        .name = "request_timeout",
        .type = &value_duration,
        .offset = offsetof(struct config_sender, request_timeout_ms),
        .least = 1,
        .most = 10 * MINUTE,
        .standard = "30s",
        .help = "How long a whole request may take before it is given up.",
    },
    {
        .section = SECTION_SENDER,
        .name = "backoff",
        .type = &value_backoff,
        .offset = offsetof(struct config_sender, backoff),
        .least = 1,
        .most = DAY,
        .standard = "1s..5min",
        .help = "The wait after the endpoint failed, from the first, doubling, to the longest.",
    },
    {
        .section = SECTION_SENDER,
        .name = "api_version",
        .type = &value_version,
        .offset = offsetof(struct config_sender, api_version),
        .standard = "2025-03-15",
        .help = "The version of the Chat API that is spoken.",
    },
    {
        .section = SECTION_SENDER,
        .name = "ca_file",
        .type = &value_path,
        .offset = offsetof(struct config_sender, ca_file),
        .most = LONGEST_PATH,
        .must_exist = true,
        .standard_said = "the system's authorities",
        .help = "Certificates, in PEM, of the authorities who may vouch for the endpoint.",
    },
    {
        .section = SECTION_SENDER,
        .name = "proxy",
        .type = &value_proxy,
        .offset = offsetof(struct config_sender, proxy),
        .most = LONGEST_TEXT,
        .standard_said = "none, whatever the environment says",
        .help = "A proxy to reach the endpoint through, http://HOST:PORT: it connects us (CONNECT) "
                "and sees nothing of what is said. "
                "\"environment\" takes https_proxy, no_proxy and their kind as curl(1) does.",
    },
    {
        .section = SECTION_THREAD,
        .name = "id",
        .type = &value_word,
        .offset = offsetof(struct config_thread, id),
        .most = LONGEST_TEXT,
        .is_required = true,
        .is_single = true,
        .help = "The chat thread's id as the service knows it, such as 19:...@thread.v2.",
    },
    {
        .section = SECTION_THREAD,
        .name = "sender",
        .type = &value_name,
        .offset = offsetof(struct config_thread, sender_name),
        .standard_said = "the only sender, if there is just one",
        .help = "The [sender NAME] who speaks here.",
    },
    {
        .section = SECTION_THREAD,
        .name = "allow",
        .type = &value_names,
        .offset = offsetof(struct config_thread, allow),
        .standard_said = "\"allow\" of [access]",
        .help = "Users and @groups who may send to this thread, in place of those of [access].",
    },
    {
        .section = SECTION_THREAD,
        .name = "pace",
        .type = &value_pace,
        .offset = offsetof(struct config_thread, pace),
        .standard = "10/10s, 30/60s",
        .help = "At most so many sends in so much time; all of up to four windows hold. "
                "Of several names of one remote thread the strictest holds. "
                "A 429 halves it, down to a tenth, as others may spend from the same budget; each "
                "message sent then gives 1 % back. "
                "\"off\" is allowed only towards an endpoint on this machine.",
    },
    {
        .section = SECTION_THREAD,
        .name = "ttl",
        .type = &value_duration,
        .offset = offsetof(struct config_thread, ttl_ms),
        .least = 1,
        .most = 365 * DAY,
        .standard = "3d",
        .help = "A message that could not be delivered within this time expires, unless it has a "
                "\"ttl\" of its own. One that may have appeared does not.",
    },
    {
        .section = SECTION_THREAD,
        .name = "backoff",
        .type = &value_backoff,
        .offset = offsetof(struct config_thread, backoff),
        .least = 1,
        .most = DAY,
        .standard = "1min..1h",
        .help = "The wait after the thread refused us, from the first, doubling, to the longest.",
    },
    {
        .section = SECTION_THREAD,
        .name = "settle",
        .type = &value_duration,
        .offset = offsetof(struct config_thread, settle_ms),
        .most = HOUR,
        .standard = "10s",
        .help = "After an answer was lost: how long the service may take to show a message that "
                "it did store. "
                "Only then is the message's absence believed.",
    },
    {
        .section = SECTION_THREAD,
        .name = "on_doubt",
        .type = &value_choice,
        .offset = offsetof(struct config_thread, on_doubt),
        .choices = on_doubt_choices,
        .standard = "look",
        .help = "What to do when an answer was lost, so that the message may have appeared: look "
                "whether it did; hold it, while its lane goes on, until it is released, and look "
                "then; or risk that it appears twice, and send it again at once. What waits in a "
                "restored outbox is looked for in any case. Held is, too, what cannot be looked "
                "for any more, as its thread leads elsewhere and the old place is gone.",
    },
    {
        .section = SECTION_THREAD,
        .name = "content_limit",
        .type = &value_count,
        .offset = offsetof(struct config_thread, content_limit),
        .least = 1,
        .most = 40000,
        .standard = "28672",
        .help = "The longest content that is accepted, in units of \"content_unit\".",
    },
    {
        .section = SECTION_THREAD,
        .name = "content_unit",
        .type = &value_choice,
        .offset = offsetof(struct config_thread, content_unit),
        .choices = content_unit_choices,
        .standard = "utf8",
        .help = "What \"content_limit\" counts: bytes of UTF-8, or code units of UTF-16.",
    },
    {
        .section = SECTION_THREAD,
        .name = "urgent_share",
        .type = &value_percent,
        .offset = offsetof(struct config_thread, urgent_share_percent),
        .most = 90,
        .standard = "10 %",
        .help = "The part of the pace that is kept free for urgent messages.",
    },
    {
        .section = SECTION_THREAD,
        .name = "most_messages",
        .type = &value_count,
        .offset = offsetof(struct config_thread, most_messages),
        .least = 1,
        .most = 1000000000,
        .unit = "messages",
        .unlimited = "none",
        .standard = "none",
        .help = "How many messages may wait for this thread; more are refused for the time being.",
    },
    {
        .section = SECTION_THREAD,
        .name = "most_bytes",
        .type = &value_size,
        .offset = offsetof(struct config_thread, most_bytes),
        .least = 1024,
        .most = TEBIBYTE,
        .unlimited = "none",
        .standard = "none",
        .help = "How much content may wait for this thread; more is refused for the time being, "
                "and a message that is larger by itself for good.",
    },
    {
        .section = SECTION_THREAD,
        .name = "digest",
        .type = &value_choice,
        .offset = offsetof(struct config_thread, digest),
        .choices = digest_choices,
        .standard = "backlog",
        .help = "Whether waiting messages go as one: \"backlog\", when so many wait that the last "
                "would wait longer than \"digest_after\"; \"always\", when two or more wait. "
                "Each is a line with its time, below a line that counts them. "
                "Urgent messages, and those with metadata of their own, always go singly.",
    },
    {
        .section = SECTION_THREAD,
        .name = "digest_after",
        .type = &value_duration,
        .offset = offsetof(struct config_thread, digest_after_ms),
        .most = 365 * DAY,
        .standard = "60s",
        .help = "The wait, if all were sent one by one, that calls for a digest.",
    },
    {
        .section = SECTION_THREAD,
        .name = "digest_messages",
        .type = &value_count,
        .offset = offsetof(struct config_thread, digest_messages),
        .least = 2,
        .most = 1000,
        .unit = "messages",
        .standard = "1000",
        .help = "How many messages go into one at most; no more than fit into \"content_limit\".",
    },
    {
        .section = SECTION_THREAD,
        .name = "late_mark",
        .type = &value_duration,
        .offset = offsetof(struct config_thread, late_mark_ms),
        .most = 365 * DAY,
        .unlimited = "off",
        .standard = "5min",
        .help = "A message that is delivered later than this begins with a note of when it was "
                "sent; but for one with metadata of its own, or that would become too long.",
    },
    {
        .section = SECTION_THREAD,
        .name = "report_after",
        .type = &value_duration,
        .offset = offsetof(struct config_thread, report_after_ms),
        .most = 365 * DAY,
        .unlimited = "off",
        .standard = "5min",
        .help = "When messages could not be sent for longer than this, because the chat was "
                "unreachable, throttled or refused us, one line says so once it is over.",
    },
    {
        .section = SECTION_THREAD,
        .name = "was",
        .type = &value_name,
        .offset = offsetof(struct config_thread, was),
        .is_single = true,
        .help = "The thread's former name: messages that still wait under it move here.",
    },
    {
        .section = SECTION_QUOTA,
        .name = "waiting",
        .type = &value_count,
        .offset = offsetof(struct config_quota, waiting),
        .most = 1000000000,
        .unit = "messages",
        .unlimited = "none",
        .standard = "none",
        .help = "How many messages may wait at a time, over all threads; with 0 nothing is taken. "
                "A @group's limit counts for each member alone.",
    },
};

const size_t settings_count = sizeof settings / sizeof settings[0];
