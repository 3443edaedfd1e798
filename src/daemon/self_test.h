/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DAEMON_SELF_TEST_H
#define DAEMON_SELF_TEST_H

/* Put on each process's sandbox in turn and try from inside what it must
 * refuse; a line for each on standard output.  Returns 0 when all was refused,
 * 1 otherwise. */
int self_test_run(void);

#endif
