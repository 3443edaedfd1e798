# SPDX-License-Identifier: GPL-3.0-or-later
"""Links: CURVE, one frame a message, HELLO first.

Link dials from a DEALER; Door listens with a ROUTER and takes one link.
"""
import os
import time

import zmq

import frame as frames
from card import public_of
from frame import DISCONNECT, HELLO, PING, PONG

VERSION = 1
LINGER_MS = 1000


class LinkError(Exception):
    """The other side did not do in time what it had to."""


class Link:
    """Frames to and from one node.  receive() answers PING by itself."""

    def __init__(self, socket, key, peer_key, route=()):
        self._socket, self.key, self.peer_key = socket, key, peer_key
        self._route = list(route)  # what a ROUTER puts before a frame
        self._pongs = []

    def say_hello(self, features=0):
        self.send(HELLO, VERSION, self.key, features, [], [],
                  int(time.time()))

    def expect_hello(self, deadline):
        """HELLO comes first, and from the node that was dialled."""
        first = self._next(deadline)
        if first is None or first[0] != HELLO or first[2] != self.peer_key:
            raise LinkError(f"no HELLO of this node came first: {first}")
        return self

    def send(self, *frame):
        self.send_bytes(frames.encode(*frame))

    def send_bytes(self, data):
        self._socket.send_multipart(self._route + [data])

    def _next(self, deadline):
        """The next frame of a type that is known, or None at the deadline."""
        while True:
            parts = receive_parts(self._socket, deadline)
            if parts is None:
                return None
            if parts[:-1] != self._route:
                raise LinkError(f"a frame in {len(parts)} parts")
            frame = frames.decode(parts[-1])
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

    def until_pong(self, deadline):
        """The frames that come before the PONG to a PING sent now.  What was
        sent before that has been read by then."""
        nonce, came = int.from_bytes(os.urandom(7), "big"), []
        self.send(PING, nonce)
        while True:
            frame = self._next(deadline)
            if frame is None:
                raise LinkError("no PONG")
            if frame[0] == PING:
                self.send(PONG, frame[1])
            elif frame[:2] == [PONG, nonce]:
                return came
            else:
                came.append(frame)

    def pongs(self):
        return self._pongs

    def close(self, reason=0):
        self.send(DISCONNECT, reason)
        self._socket.close()


def receive_parts(socket, deadline):
    left = deadline - time.monotonic()
    if left <= 0 or not socket.poll(left * 1000):
        return None
    return socket.recv_multipart()


def _socket_with_key(context, kind):
    """A socket with a new node key; the key."""
    socket = context.socket(kind)
    secret = os.urandom(32)
    socket.linger = LINGER_MS
    socket.curve_secretkey = secret
    return socket, public_of(secret)


def dial(context, endpoint, deadline, features=0):
    """A link to tcp://ADDRESS:PORT#NODEKEY, greeted."""
    address, node_key = endpoint.split("#")
    socket, key = _socket_with_key(context, zmq.DEALER)
    socket.curve_publickey = key
    socket.curve_serverkey = bytes.fromhex(node_key)
    socket.connect(address)
    link = Link(socket, key, bytes.fromhex(node_key))
    link.say_hello(features)
    return link.expect_hello(deadline)


class Door:
    """Listens on a port of the system's choice."""

    def __init__(self, context):
        self._socket, self._key = _socket_with_key(context, zmq.ROUTER)
        self._socket.curve_server = True
        self._socket.bind("tcp://127.0.0.1:*")
        address = self._socket.getsockopt_string(zmq.LAST_ENDPOINT)
        self.endpoint = f"{address}#{self._key.hex()}"

    def accept(self, peer_key, deadline):
        """The link of the first node that says HELLO, greeted.

        Which key CURVE has proven only a ZAP handler is told; there is none
        here, so the HELLO is held to the node that was asked to dial.
        """
        parts = receive_parts(self._socket, deadline)
        if parts is None or len(parts) != 2:
            raise LinkError("nobody came")
        hello = frames.decode(parts[1])
        if hello[0] != HELLO or hello[2] != peer_key:
            raise LinkError(f"no HELLO of that node came first: {hello}")
        link = Link(self._socket, self._key, peer_key, parts[:1])
        link.say_hello()
        return link
