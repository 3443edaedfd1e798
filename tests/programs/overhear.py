# SPDX-License-Identifier: GPL-3.0-or-later
"""What a stranger on a cable sees of beacons, one a line: who sent it, and its
bytes in hexadecimal.

    overhear.py INTERFACE LOG
"""
import socket
import sys

# All: what this end sends is seen, too.
ETH_P_ALL, ETH_P_IP, UDP, PORT = 0x0003, 0x0800, 17, 7312


def main():
    ear = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM,
                        socket.htons(ETH_P_ALL))
    ear.bind((sys.argv[1], ETH_P_ALL))
    with open(sys.argv[2], "w", encoding="ascii") as log:
        print("ready", file=log, flush=True)
        while True:
            packet, where = ear.recvfrom(65536)
            if where[1] != ETH_P_IP:
                continue
            udp = packet[4 * (packet[0] & 15):]
            if packet[9] != UDP or int.from_bytes(udp[2:4], "big") != PORT:
                continue
            size = int.from_bytes(udp[4:6], "big")
            print(socket.inet_ntoa(packet[12:16]), udp[8:size].hex(),
                  file=log, flush=True)


if __name__ == "__main__":
    main()
