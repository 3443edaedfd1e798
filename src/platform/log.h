/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PLATFORM_LOG_H
#define PLATFORM_LOG_H

/* One line an event on standard error: "sottod relay: text", with a time only
 * where standard error is a terminal (journals have their own).  Never give it
 * a secret, a text, or a name that a person chose. */
enum log_level { LOG_LEVEL_ERROR, LOG_LEVEL_NOTICE, LOG_LEVEL_DEBUG };

void log_start(const char *process, enum log_level level);
void log_line(enum log_level level, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
