/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_IMPORT_FORMATS_H
#define SIM_IMPORT_FORMATS_H

#include <stddef.h>

#include "base/status.h"
#include "sim/complaint.h"
#include "sim/import/chart.h"
#include "sim/import/encounters.h"

/* Each reads a file of others' into what is empty.  STATUS_IO and
 * STATUS_INVALID with a complaint, STATUS_NO_MEMORY; what was read until then
 * is the caller's to clear. */

/* Events of the ONE (its StandardEventsReader): "seconds CONN a b up|down",
 * where a name may have letters before its number; events of messages are left
 * out.  Numbers and times stay as they are. */
MUST_USE enum status import_one(
    const char *path, struct encounters *out, struct complaint *complaint);

/* Sightings of SocioPatterns: "t i j" and what else a row has; each holds for
 * 20 seconds. */
MUST_USE enum status import_tij(
    const char *path, struct encounters *out, struct complaint *complaint);

/* Contacts of the Haggle project (CRAWDAD cambridge/haggle): "a b first last",
 * the last second included, and perhaps a count and a gap. */
MUST_USE enum status import_haggle(
    const char *path, struct encounters *out, struct complaint *complaint);

/* GraphML (graphml.graphdrawing.org): nodes and edges, and an edge's datum that
 * is called "type". */
MUST_USE enum status import_graphml(
    const char *path, struct chart *out, struct complaint *complaint);

/* Maps of Freifunk communities: graph.json of ffmap (or its nodes.json, in the
 * days when that had links), meshviewer.json. */
MUST_USE enum status import_freifunk(
    const char *path, struct chart *out, struct complaint *complaint);

/* One of the two is NULL. */
struct import_format {
    const char *name;
    enum status (*contacts)(
        const char *path, struct encounters *out, struct complaint *complaint);
    enum status (*links)(
        const char *path, struct chart *out, struct complaint *complaint);
};

/* NULL where there is none of that name. */
const struct import_format *import_find(const char *name);

/* The names of all, as a person reads them. */
#define IMPORT_NAMES "one, tij, haggle, graphml or freifunk"

#endif
