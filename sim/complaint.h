/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_COMPLAINT_H
#define SIM_COMPLAINT_H

/* What was wrong in something that a person wrote, where, and what would be
 * right. */
struct complaint {
    char text[768];
};

/* Say it; what is too long is cut. */
void complain(struct complaint *complaint, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
