/* SPDX-License-Identifier: GPL-3.0-or-later */
/* CurveZMQ by libsodium alone.  What the relay says is opened and not judged:
 * whatever is not as it should be counts as the end of the link. */
#include "config.h"

#include "tests/hostile/curve.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

enum {
    KEY_BYTES = 32,
    MAC_BYTES = crypto_box_MACBYTES,
    COUNTER_BYTES = 8, /* of a nonce, behind its name */
    DRAWN_BYTES = 16,
    COOKIE_BYTES = 96,
    WELCOME_BOX_BYTES = KEY_BYTES + COOKIE_BYTES + MAC_BYTES,
    VOUCH_BOX_BYTES = 2 * KEY_BYTES + MAC_BYTES,
    COMMAND_BYTES = LIMIT_FRAME_BYTES + 64,
    PATIENCE_S = 60,
    FLAG_LONG = 2,
    FLAG_COMMAND = 4,
};

struct nonce {
    uint8_t bytes[crypto_box_NONCEBYTES];
};

static struct nonce nonce_of(const char *name, const uint8_t *rest)
{
    struct nonce nonce;
    size_t size = strlen(name);
    memcpy(nonce.bytes, name, size);
    memcpy(nonce.bytes + size, rest, sizeof(nonce.bytes) - size);
    return nonce;
}

/* A command that is being written, or was read. */
struct command {
    uint8_t bytes[COMMAND_BYTES];
    size_t size;
};

static void add(struct command *command, const void *data, size_t size)
{
    if (size > sizeof(command->bytes) - command->size)
        hostile_die("a command without end");
    memcpy(command->bytes + command->size, data, size);
    command->size += size;
}

/* One is as good as lost whose connection has ended. */
static void send_all(int descriptor, const void *data, size_t size)
{
    const uint8_t *at = data;
    ssize_t put = 0;
    for (size_t done = 0; done < size && put >= 0; done += (size_t)put)
        put = send(descriptor, at + done, size - done, MSG_NOSIGNAL);
}

static bool read_all(int descriptor, void *out, size_t size)
{
    return recv(descriptor, out, size, MSG_WAITALL) == (ssize_t)size;
}

static void send_command(
    const struct curve *curve, int flags, const struct command *command)
{
    uint8_t head[9] = {(uint8_t)(flags | FLAG_LONG)};
    for (int i = 0; i < 8; i++)
        head[1 + i] = (uint8_t)((uint64_t)command->size >> (56 - 8 * i));
    send_all(curve->descriptor, head, sizeof(head));
    send_all(curve->descriptor, command->bytes, command->size);
}

static bool read_command(const struct curve *curve, struct command *out)
{
    uint8_t flags, size[8];
    size_t size_bytes;
    if (!read_all(curve->descriptor, &flags, 1))
        return false;
    size_bytes = flags & FLAG_LONG ? 8 : 1;
    if (!read_all(curve->descriptor, size, size_bytes))
        return false;
    out->size = 0;
    for (size_t i = 0; i < size_bytes; i++)
        out->size = out->size << 8 | size[i];
    return out->size <= sizeof(out->bytes) &&
           read_all(curve->descriptor, out->bytes, out->size);
}

static bool is_named(const struct command *command, const char *name)
{
    size_t size = strlen(name);
    return command->size > size && memcmp(command->bytes, name, size) == 0;
}

int curve_connect(const struct hostile *hostile)
{
    const char *port = strrchr(hostile->address, ':');
    struct sockaddr_in there = {.sin_family = AF_INET,
        .sin_port = htons((uint16_t)atoi(port ? port + 1 : "0")),
        .sin_addr = {htonl(INADDR_LOOPBACK)}};
    int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (descriptor < 0 ||
        connect(descriptor, (struct sockaddr *)&there, sizeof(there)) != 0)
        hostile_die("connect");
    return descriptor;
}

void curve_greeting(uint8_t out[static CURVE_GREETING_BYTES])
{
    static const uint8_t greeting[] = {
        0xff, 0, 0, 0, 0, 0, 0, 0, 1, 0x7f, 3, 0, 'C', 'U', 'R', 'V', 'E'};
    memset(out, 0, CURVE_GREETING_BYTES);
    memcpy(out, greeting, sizeof(greeting));
}

void curve_hello(const struct hostile *hostile, const struct curve_keys *keys,
    uint8_t out[static CURVE_HELLO_BYTES])
{
    static const uint8_t head[] = {
        FLAG_COMMAND, 200, 5, 'H', 'E', 'L', 'L', 'O', 1, 0};
    static const uint8_t zeros[64];
    enum { AT_KEY = 82, AT_NONCE = 114, AT_BOX = 122 };
    struct nonce nonce = nonce_of("CurveZMQHELLO---", zeros);
    memset(out, 0, CURVE_HELLO_BYTES);
    memcpy(out, head, sizeof(head));
    memcpy(out + AT_KEY, keys->public_key, KEY_BYTES);
    memcpy(out + AT_NONCE, zeros, COUNTER_BYTES);
    if (crypto_box_easy(out + AT_BOX, zeros, sizeof(zeros), nonce.bytes,
            hostile->relay.bytes, keys->secret) != 0)
        hostile_die("the relay's key");
}

struct welcome {
    uint8_t server[KEY_BYTES]; /* the relay's transient key */
    uint8_t cookie[COOKIE_BYTES];
};

static bool read_welcome(const struct hostile *hostile, struct curve *curve,
    const struct curve_keys *transient, struct welcome *out)
{
    static const char name[] = "\7WELCOME";
    enum { AT_NONCE = sizeof(name) - 1, AT_BOX = AT_NONCE + DRAWN_BYTES };
    struct command command;
    if (!read_command(curve, &command) || !is_named(&command, name) ||
        command.size != AT_BOX + WELCOME_BOX_BYTES)
        return false;
    struct nonce nonce = nonce_of("WELCOME-", command.bytes + AT_NONCE);
    uint8_t plain[KEY_BYTES + COOKIE_BYTES];
    if (crypto_box_open_easy(plain, command.bytes + AT_BOX, WELCOME_BOX_BYTES,
            nonce.bytes, hostile->relay.bytes, transient->secret) != 0)
        return false;
    memcpy(out->server, plain, KEY_BYTES);
    memcpy(out->cookie, plain + KEY_BYTES, COOKIE_BYTES);
    return true;
}

static void add_property(
    struct command *command, const char *name, const char *value)
{
    uint8_t name_size = (uint8_t)strlen(name);
    uint8_t value_size[4] = {0, 0, 0, (uint8_t)strlen(value)};
    add(command, &name_size, 1);
    add(command, name, name_size);
    add(command, value_size, sizeof(value_size));
    add(command, value, strlen(value));
}

/* That the two keys are of one client. */
static void add_vouch(struct command *plain, const struct hostile *hostile,
    const struct curve_keys *lasting, const struct curve_keys *transient,
    const struct welcome *welcome)
{
    uint8_t drawn[DRAWN_BYTES], both[2 * KEY_BYTES], box[VOUCH_BOX_BYTES];
    randombytes_buf(drawn, sizeof(drawn));
    memcpy(both, transient->public_key, KEY_BYTES);
    memcpy(both + KEY_BYTES, hostile->relay.bytes, KEY_BYTES);
    struct nonce nonce = nonce_of("VOUCH---", drawn);
    if (crypto_box_easy(box, both, sizeof(both), nonce.bytes, welcome->server,
            lasting->secret) != 0)
        hostile_die("the relay's transient key");
    add(plain, lasting->public_key, KEY_BYTES);
    add(plain, drawn, sizeof(drawn));
    add(plain, box, sizeof(box));
}

/* Add a counter and what it seals, the nonce being that name and it. */
static void add_sealed(struct curve *curve, struct command *command,
    const char *name, const struct command *plain)
{
    uint8_t counter[COUNTER_BYTES];
    uint8_t box[COMMAND_BYTES + MAC_BYTES];
    curve->sent++;
    for (int i = 0; i < COUNTER_BYTES; i++)
        counter[i] = (uint8_t)(curve->sent >> (56 - 8 * i));
    struct nonce nonce = nonce_of(name, counter);
    crypto_box_easy_afternm(
        box, plain->bytes, plain->size, nonce.bytes, curve->shared);
    add(command, counter, sizeof(counter));
    add(command, box, plain->size + MAC_BYTES);
}

static void send_initiate(const struct hostile *hostile, struct curve *curve,
    const struct curve_keys *transient, const struct welcome *welcome,
    const struct curve_property *property)
{
    static struct command plain, command;
    struct curve_keys lasting;
    crypto_box_keypair(lasting.public_key, lasting.secret);
    memcpy(curve->key.bytes, lasting.public_key, KEY_BYTES);
    plain.size = command.size = 0;
    add_vouch(&plain, hostile, &lasting, transient, welcome);
    add_property(&plain, "Socket-Type", "DEALER");
    add_property(&plain, property->name, property->value);
    add(&command, "\10INITIATE", 9);
    add(&command, welcome->cookie, COOKIE_BYTES);
    add_sealed(curve, &command, "CurveZMQINITIATE", &plain);
    send_command(curve, FLAG_COMMAND, &command);
}

static bool shake_hands(const struct hostile *hostile, struct curve *curve,
    const struct curve_property *property)
{
    static struct command ready;
    uint8_t bytes[CURVE_GREETING_BYTES + CURVE_HELLO_BYTES];
    uint8_t theirs[CURVE_GREETING_BYTES];
    struct curve_keys transient;
    struct welcome welcome;
    crypto_box_keypair(transient.public_key, transient.secret);
    curve_greeting(bytes);
    curve_hello(hostile, &transient, bytes + CURVE_GREETING_BYTES);
    send_all(curve->descriptor, bytes, sizeof(bytes));
    if (!read_all(curve->descriptor, theirs, sizeof(theirs)) ||
        !read_welcome(hostile, curve, &transient, &welcome) ||
        crypto_box_beforenm(curve->shared, welcome.server, transient.secret))
        return false;
    send_initiate(hostile, curve, &transient, &welcome, property);
    return read_command(curve, &ready) && is_named(&ready, "\5READY");
}

void curve_dial(struct hostile *hostile, struct curve *curve,
    const struct curve_property *property)
{
    struct timeval patience = {.tv_sec = PATIENCE_S};
    *curve = (struct curve){.descriptor = curve_connect(hostile)};
    hostile->dialled++;
    setsockopt(curve->descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience,
        sizeof(patience));
    curve->linked = shake_hands(hostile, curve, property);
}

void curve_close(struct curve *curve)
{
    close(curve->descriptor);
}

void curve_send(struct curve *curve, const struct frame *frame)
{
    static struct command plain, command;
    size_t size;
    plain.bytes[0] = 0; /* nothing more follows */
    if (frame_encode(frame, plain.bytes + 1, LIMIT_FRAME_BYTES, &size))
        hostile_die("frame_encode");
    plain.size = size + 1;
    command.size = 0;
    add(&command, "\7MESSAGE", 8);
    add_sealed(curve, &command, "CurveZMQMESSAGEC", &plain);
    send_command(curve, 0, &command);
}

/* A message's frame, opened in its place; empty where it is none. */
static struct span open_message(
    const struct curve *curve, struct command *command)
{
    enum { AT_COUNTER = 8, AT_BOX = AT_COUNTER + COUNTER_BYTES };
    if (!is_named(command, "\7MESSAGE") || command->size <= AT_BOX + MAC_BYTES)
        return (struct span){0};
    struct nonce nonce =
        nonce_of("CurveZMQMESSAGES", command->bytes + AT_COUNTER);
    uint8_t *box = command->bytes + AT_BOX;
    size_t size = command->size - AT_BOX;
    if (crypto_box_open_easy_afternm(
            box, box, size, nonce.bytes, curve->shared) != 0)
        return (struct span){0};
    return (struct span){box + 1, size - MAC_BYTES - 1};
}

bool curve_gets(struct curve *curve, enum frame_type type, struct frame *out)
{
    static struct command command;
    static struct frame_scratch scratch;
    while (read_command(curve, &command))
        if (frame_decode(open_message(curve, &command), &scratch, out) ==
                STATUS_OK &&
            out->type == type)
            return true;
    return false;
}
