# SPDX-License-Identifier: GPL-3.0-or-later
"""A SOCKS5 proxy for tests (RFC 1928, 1929), in place of Tor.

    socks.py MAP LOG [open]

Each line of MAP is a name and a port of this machine that it leads to, or the
word "denied": its rules are against that one.  Numeric targets lead to
themselves.  The port that it listens on is the first line of
LOG; each stream adds one of user, kind (name or address) and target.  With
"open" it knows no users.
"""
import socket
import sys
import threading

NO_USER, USER, NONE = 0, 2, 255
NOT_ALLOWED, NOT_REACHED = 2, 4


def exactly(stream, size):
    data = b""
    while len(data) < size:
        piece = stream.recv(size - len(data))
        if not piece:
            raise EOFError
        data += piece
    return data


def greet(stream, is_open):
    """The user, or - where none is asked for."""
    version, count = exactly(stream, 2)
    methods = exactly(stream, count)
    wanted = NO_USER if is_open else USER
    if version != 5 or wanted not in methods:
        stream.sendall(bytes([5, NONE]))
        raise EOFError
    stream.sendall(bytes([5, wanted]))
    if is_open:
        return "-"
    _, size = exactly(stream, 2)
    user = exactly(stream, size).decode()
    exactly(stream, exactly(stream, 1)[0])
    stream.sendall(b"\x01\x00")
    return user


def asked_for(stream):
    """The kind of target, the target and its port."""
    _, command, _, kind = exactly(stream, 4)
    if kind == 3:
        host = exactly(stream, exactly(stream, 1)[0]).decode()
    elif kind == 1:
        host = socket.inet_ntop(socket.AF_INET, exactly(stream, 4))
    else:
        host = socket.inet_ntop(socket.AF_INET6, exactly(stream, 16))
    port = int.from_bytes(exactly(stream, 2), "big")
    if command != 1:
        raise EOFError
    return "name" if kind == 3 else "address", host, port


def copy(source, sink):
    try:
        while data := source.recv(65536):
            sink.sendall(data)
    except OSError:
        pass
    for end in (source, sink):
        try:
            end.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass


class Proxy:
    def __init__(self, names, log, is_open):
        self._names, self._log, self._is_open = names, log, is_open
        self._lock = threading.Lock()

    def say(self, *words):
        with self._lock:
            print(*words, file=self._log, flush=True)

    def _reach(self, kind, host, port):
        if kind == "address":
            return socket.create_connection((host, port))
        with open(self._names, encoding="utf-8") as lines:
            ports = dict(line.split() for line in lines)
        if ports[host] == "denied":
            raise PermissionError
        return socket.create_connection(("127.0.0.1", int(ports[host])))

    def serve(self, stream):
        try:
            user = greet(stream, self._is_open)
            kind, host, port = asked_for(stream)
            self.say(user, kind, host)
            try:
                target = self._reach(kind, host, port)
            except (OSError, KeyError) as why:
                stream.sendall(bytes([5, NOT_ALLOWED if isinstance(
                    why, PermissionError) else NOT_REACHED, 0, 1]) + bytes(6))
                raise EOFError from None
            stream.sendall(b"\x05\x00\x00\x01" + bytes(6))
        except (EOFError, OSError):
            stream.close()
            return
        threading.Thread(target=copy, args=(stream, target),
                         daemon=True).start()
        copy(target, stream)


def main():
    names, log, *rest = sys.argv[1:]
    with open(log, "w", encoding="utf-8") as out:
        proxy = Proxy(names, out, rest == ["open"])
        listener = socket.create_server(("127.0.0.1", 0))
        proxy.say(listener.getsockname()[1])
        while True:
            stream, _ = listener.accept()
            threading.Thread(target=proxy.serve, args=(stream,),
                             daemon=True).start()


if __name__ == "__main__":
    main()
