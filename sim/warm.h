/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_WARM_H
#define SIM_WARM_H

#include "sim/world.h"

/* Send for the memory of the next few events; changes nothing. */
void warm_ahead(const struct world *world);

#endif
