/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_LIVE_FLEET_H
#define SIM_LIVE_FLEET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "platform/client.h"
#include "proto/control.h"
#include "proto/endpoint.h"
#include "sim/complaint.h"
#include "sim/live/keeper.h"
#include "sim/live/process.h"
#include "sim/scenario.h"

/* Real nodes, as many as a scenario has: their homes, their processes, and the
 * control sockets by which everything is asked of them that a person could ask.
 * One loop drives all of them: fleet_turn. */

/* How far a node has come since it was started. */
enum stage {
    STAGE_DOWN,
    STAGE_STARTING, /* its relay does not answer yet */
    STAGE_RELAY,    /* asked for its status, which has its endpoint */
    STAGE_VAULT,    /* its vault does not answer yet */
    STAGE_LISTENS,  /* asked for notifications */
    STAGE_KEY,      /* asked for an identity, or to unlock it */
    STAGE_UP,
};

struct fleet_node {
    enum stage stage;
    struct process process;
    struct client *relay;
    struct client *vault;
    uint64_t started_us;
    bool has_vault;    /* somebody lives here */
    bool has_identity; /* and has one already */
    bool has_failed;   /* what it printed says more */
    bool is_slow;      /* its links are shaped as slow_shape says */
    int32_t skew_s;    /* its clock is off by that */
    unsigned boots;
    size_t asked; /* requests that are not yet answered, of both sockets */
    char endpoint[ENDPOINT_TEXT_BYTES]; /* with its key, once it has been up */
};

struct fleet_config {
    const struct scenario *scenario;
    const char *program;    /* sottod */
    const char *shape;      /* what --link-shape is given, or NULL */
    const char *slow_shape; /* ... and for slow nodes */
    const int *spaces;      /* a network namespace for each node, or NULL */
    const char *clocks;     /* what puts a node's clock off, or NULL */
    uint32_t count;
    /* A node has come up, also again; it has ended by itself; something came
     * on a socket of a node that is up.  A message is cleared afterwards. */
    void (*up)(void *context, uint32_t node);
    void (*ended)(void *context, uint32_t node);
    void (*came)(void *context, uint32_t node, enum control_service service,
        const struct control_message *message);
    void *context;
};

/* What of a node is waited for. */
struct fleet_waited {
    uint32_t node;
    struct client *client; /* NULL: the end of its process */
};

struct pollfd;

struct fleet {
    struct fleet_config config;
    struct fleet_node *nodes;
    struct pollfd *items; /* a turn's, with whose they are */
    struct fleet_waited *waited;
    char folder[128]; /* of all homes and logs */
    struct keeper keeper;
    struct complaint *complaint;
    bool has_failed; /* complaint says why */
};

enum { FLEET_PATH_BYTES = 256 };

/* The passphrase of every vault of a run. */
#define FLEET_PASSPHRASE "sotto-sim live"

/* Make the folder.  STATUS_IO and STATUS_NO_MEMORY with a complaint, which is
 * borrowed: what goes wrong later is written there, too. */
MUST_USE enum status fleet_init(struct fleet *fleet,
    const struct fleet_config *config, struct complaint *complaint);

/* End all nodes, wait for them, and take the folder away unless it is to be
 * kept. */
void fleet_clear(struct fleet *fleet, bool keep);

/* Start a node; the rest happens in turns. */
void fleet_start(struct fleet *fleet, uint32_t node);

/* End one as a power cut would; lose_shelf takes its relay's shelf along. */
void fleet_crash(struct fleet *fleet, uint32_t node, bool lose_shelf);

/* End one as its person would: it says goodbye first. */
void fleet_leave(struct fleet *fleet, uint32_t node);

/* Ask a node that is up (CONTROL_STATUS: its relay); the reply comes by a turn.
 * The request's id is set. A node that does not take it has ended, or will be
 * found to have. */
void fleet_ask(
    struct fleet *fleet, uint32_t node, struct control_request *request);

/* Wait for something to happen, for so long at most, and deal with all that
 * has. */
void fleet_turn(struct fleet *fleet, int wait_ms);

/* How many nodes are starting. */
uint32_t fleet_starting(const struct fleet *fleet);

/* Where a node's home and log are. */
void fleet_path(const struct fleet *fleet, uint32_t node, const char *what,
    char out[static FLEET_PATH_BYTES]);

/* The address by which others reach a node, without tcp:// and port. */
void fleet_address(
    const struct fleet *fleet, uint32_t node, char out[static 16]);

#endif
