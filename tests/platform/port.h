/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TESTS_PLATFORM_PORT_H
#define TESTS_PLATFORM_PORT_H

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdint.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/tap.h"

/* A UDP port that nobody had a moment ago. */
static inline uint16_t free_udp_port(void)
{
    struct sockaddr_in here = {.sin_family = AF_INET};
    socklen_t size = sizeof(here);
    int descriptor = socket(AF_INET, SOCK_DGRAM, 0);

    need(descriptor >= 0 &&
         bind(descriptor, (struct sockaddr *)&here, sizeof(here)) == 0 &&
         getsockname(descriptor, (struct sockaddr *)&here, &size) == 0);
    close(descriptor);
    return ntohs(here.sin_port);
}

#endif
