# SPDX-License-Identifier: GPL-3.0-or-later
"""A link to a node: CURVE over a DEALER socket, and frames on it."""
import os
import time

import zmq

import frame as frames
from card import public_of
from frame import DISCONNECT, HELLO, PING, PONG

VERSION = 1


class LinkError(Exception):
    """The other side did not do in time what it had to."""


class Link:
    """Dials tcp://ADDRESS:PORT#NODEKEY and exchanges HELLO.

    Frames come out of receive(); it answers PING by itself.
    """

    def __init__(self, context, endpoint, node_secret=None):
        address, node_key = endpoint.split("#")
        secret = node_secret or os.urandom(32)
        self.key = public_of(secret)
        self.peer_key = bytes.fromhex(node_key)
        self._socket = context.socket(zmq.DEALER)
        self._socket.linger = 1000
        self._socket.curve_secretkey = secret
        self._socket.curve_publickey = self.key
        self._socket.curve_serverkey = self.peer_key
        self._socket.connect(address)
        self._pongs = []

    def greet(self, deadline):
        """HELLO first, each way."""
        self.send(HELLO, VERSION, self.key, 0, [], [], int(time.time()))
        first = self._next(deadline)
        if first is None or first[0] != HELLO or first[2] != self.peer_key:
            raise LinkError(f"no HELLO of this node came first: {first}")
        return self

    def send(self, *frame):
        self._socket.send(frames.encode(*frame))

    def send_bytes(self, data):
        self._socket.send(data)

    def _next(self, deadline):
        """The next frame of a type that is known, or None at the deadline."""
        while True:
            left = deadline - time.monotonic()
            if left <= 0 or not self._socket.poll(left * 1000):
                return None
            parts = self._socket.recv_multipart()
            if len(parts) != 1:
                raise LinkError(f"a frame in {len(parts)} parts")
            frame = frames.decode(parts[0])
            if frame is not None:
                return frame

    def receive(self, deadline):
        """The next frame that is more than a sign of life."""
        while True:
            frame = self._next(deadline)
            if frame is not None and frame[0] == PING:
                self.send(PONG, frame[1])
            elif frame is not None and frame[0] == PONG:
                self._pongs.append(frame[1])
            else:
                return frame

    def pongs(self):
        return self._pongs

    def close(self, reason=0):
        self.send(DISCONNECT, reason)
        self._socket.close()
