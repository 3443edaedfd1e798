/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DAEMON_SETTINGS_EXAMPLE_H
#define DAEMON_SETTINGS_EXAMPLE_H

/* A commented configuration file that says what is the default. */
const char *settings_example(void);

#endif
