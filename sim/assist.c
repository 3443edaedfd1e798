/* SPDX-License-Identifier: GPL-3.0-or-later */
/* It looks for no interrupts: the first part does, and stops all. */
#include "sim/assist.h"

#include <stdlib.h>

#include "sim/painter.h"
#include "sim/simulation.h"

enum status assist(const struct scenario *scenario, const struct manner *manner,
    bool has_picture, struct complaint *complaint)
{
    struct measures measures;
    struct simulation *simulation = malloc(sizeof(*simulation));
    world_need(simulation ? STATUS_OK : STATUS_NO_MEMORY);
    enum status status =
        simulation_init(simulation, scenario, manner, complaint);
    if (!status) {
        if (has_picture)
            world_need(painter_start(&simulation->world));
        while (simulation_advance(simulation))
            continue;
        world_need(simulation_finish(simulation, &measures));
        simulation_clear(simulation);
    }
    free(simulation);
    return status;
}
