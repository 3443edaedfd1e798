# SPDX-License-Identifier: GPL-3.0-or-later
"""A Tor network of this machine's own, on loopback, that needs no other.

    tornet.py FOLDER PORT

Three authorities, three more relays, and a client with a hidden service that
leads to PORT, all below FOLDER, by the tor and tor-gencert in the PATH.  When
the service can be found, FOLDER/ready has the port of the client's SOCKS proxy
and the service's name.  Ends, with all of it, on a SIGTERM.
"""
import os
import re
import signal
import socket
import subprocess
import sys
import time

AUTHORITIES, RELAYS = 3, 3
COMMON = """
TestingTorNetwork 1
DataDirectory {home}
Log notice file {home}/log
PidFile {home}/pid
RunAsDaemon 0
DisableDebuggerAttachment 0
ProtocolWarnings 0
SafeLogging 0
ShutdownWaitLength 0
Sandbox 0
"""
RELAY = """
Nickname {name}
Address 127.0.0.1
ORPort 127.0.0.1:{orport}
DirPort 127.0.0.1:{dirport}
SocksPort 0
AssumeReachable 1
ExitRelay 1
ExitPolicy accept *:*
ExitPolicyRejectPrivate 0
ContactInfo nobody
"""
AUTHORITY = """
AuthoritativeDirectory 1
V3AuthoritativeDirectory 1
V3AuthVotingInterval 20
V3AuthVoteDelay 4
V3AuthDistDelay 4
V3AuthNIntervalsValid 2
TestingV3AuthInitialVotingInterval 10
TestingV3AuthInitialVoteDelay 2
TestingV3AuthInitialDistDelay 2
TestingDirAuthVoteExit *
TestingDirAuthVoteHSDir *
TestingDirAuthVoteGuard *
"""
CLIENT = """
SocksPort 127.0.0.1:{socks}
HiddenServiceDir {home}/service
HiddenServicePort 7311 127.0.0.1:{port}
ControlPort auto
ControlPortWriteToFile {home}/control
CookieAuthentication 1
DisableNetwork 1
UseEntryGuards 0
VanguardsLiteEnabled 0
"""


def free_ports(count):
    held = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [one.getsockname()[1] for one in held]
    for one in held:
        one.close()
    return ports


class Net:
    def __init__(self, folder):
        self._folder, self._directory = folder, ""
        self.processes = []
        self.socks, *ports = free_ports(1 + 2 * (AUTHORITIES + RELAYS))
        names = [f"auth{i}" for i in range(AUTHORITIES)] + [
            f"relay{i}" for i in range(RELAYS)]
        self._ports = {name: (ports[2 * i], ports[2 * i + 1])
                       for i, name in enumerate(names)}

    def _home(self, name):
        home = os.path.join(self._folder, name)
        os.makedirs(os.path.join(home, "keys"), mode=0o700, exist_ok=True)
        os.chmod(home, 0o700)
        return home

    def _relay(self, name):
        orport, dirport = self._ports[name]
        text = COMMON.format(home=self._home(name)) + RELAY.format(
            name=name, orport=orport, dirport=dirport)
        return text + (AUTHORITY if name.startswith("auth") else "")

    def _write(self, name, text):
        path = os.path.join(self._home(name), "torrc")
        with open(path, "w", encoding="ascii") as file:
            file.write(text)
        return path

    def _make_authority(self, name):
        orport, dirport = self._ports[name]
        keys = os.path.join(self._home(name), "keys")
        subprocess.run(
            ["tor-gencert", "--create-identity-key", "--passphrase-fd", "0",
             "-m", "12", "-a", f"127.0.0.1:{dirport}"],
            cwd=keys, input=b"\n", check=True, capture_output=True)
        with open(os.path.join(keys, "authority_certificate"),
                  encoding="ascii") as file:
            ident = re.search(r"^fingerprint (\w+)", file.read(), re.M)[1]
        listed = subprocess.run(
            ["tor", "--quiet", "--list-fingerprint", "-f",
             self._write(name, self._relay(name) + "DirAuthority x orport=1 "
                         "v3ident=" + "0" * 40 + " 127.0.0.1:1 " + "0" * 40)],
            check=True, capture_output=True, text=True).stdout
        print_ = listed.strip().split(" ", 1)[1].replace(" ", "")
        self._directory += (f"DirAuthority {name} orport={orport} "
                           f"v3ident={ident} 127.0.0.1:{dirport} {print_}\n")

    def _start(self, name, text):
        path = self._write(name, text + self._directory)
        self.processes.append(subprocess.Popen(
            ["tor", "--quiet", "-f", path], stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))

    def start_all(self, port):
        names = list(self._ports)
        for name in names[:AUTHORITIES]:
            self._make_authority(name)
        for name in names:
            self._start(name, self._relay(name))
        home = self._home("client")
        self._start("client", COMMON.format(home=home) + CLIENT.format(
            home=home, port=port, socks=self.socks))

    def stop(self):
        """Nothing of theirs is kept, and a tor that is asked to end waits for
        its own workers, now and then for ever."""
        for process in self.processes:
            process.kill()
        for process in self.processes:
            process.wait()


def contents(path):
    try:
        with open(path, encoding="utf-8") as file:
            return file.read()
    except FileNotFoundError:
        return ""


def wait_for(path, pattern):
    while not (found := re.search(pattern, contents(path))):
        time.sleep(0.2)
    return found[1]


def wait_for_uploads(events):
    """Until all directories have answered that are to keep the descriptors of
    a service, of which there are two: one for each period."""
    created, uploaded, pending = set(), set(), []
    for line in events:
        words = line.split()
        if words[:2] != ["650", "HS_DESC"]:
            if not line.startswith("250"):
                sys.exit("tor: " + line.strip())
            continue
        what, directory = words[2], words[5]
        if what == "CREATED":
            created.add(words[6])
        elif what == "UPLOAD":
            uploaded.add(words[6])
            pending.append(directory)
        elif what in ("UPLOADED", "FAILED"):
            pending.remove(directory)
            if not pending and uploaded == created:
                return
    sys.exit("tor has ended")


def wait_for_service(home):
    """Let the client onto its network once it can be listened to, and wait
    until its service can be found: who asks for it sooner asks in vain."""
    port = int(wait_for(f"{home}/control", r"PORT=127\.0\.0\.1:(\d+)"))
    with open(f"{home}/control_auth_cookie", "rb") as file:
        cookie = file.read().hex()
    with socket.create_connection(("127.0.0.1", port)) as control, \
            control.makefile("r", encoding="ascii") as events:
        control.sendall(f"AUTHENTICATE {cookie}\r\nSETEVENTS HS_DESC\r\n"
                        "SETCONF DisableNetwork=0\r\n".encode("ascii"))
        wait_for_uploads(events)


def main():
    folder, port = sys.argv[1:]
    net = Net(folder)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        net.start_all(port)
        client = os.path.join(folder, "client")
        # A client that learns of a few relays first picks its way from those,
        # and hardly finds another: until an authority lists them all.
        wait_for(f"{folder}/auth0/cached-microdesc-consensus",
                 r"(?ms)((?:^r .*?){%d})" % (AUTHORITIES + RELAYS))
        wait_for_service(client)
        name = contents(f"{client}/service/hostname").strip()
        with open(f"{folder}/ready.new", "w", encoding="ascii") as ready:
            print(net.socks, name, file=ready)
        os.rename(f"{folder}/ready.new", f"{folder}/ready")
        signal.pause()
    finally:
        net.stop()


if __name__ == "__main__":
    main()
