/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_WORDS_H
#define SIM_WORDS_H

#include "sim/scene.h"

/* What a relay says to its peers, heard by the oracle before it leaves. */

/* A frame: whether it names what is hidden, asks for what was evicted, goes on
 * for too long. */
void words_sent(struct scene *scene, const struct frame *frame);

/* A STEM or a STEM_RECEIPT goes on over a link: whether the way is that of its
 * epoch.  came: it does since something came over the scene's link. */
void words_stemmed(
    struct scene *scene, uint32_t to, enum frame_type type, bool came);

#endif
