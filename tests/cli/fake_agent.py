"""An ssh-agent that holds one key and behaves well or badly: fake_agent.py SOCKET KEY MODE [LOG]

KEY is a minisign secret key file without a passphrase, whose Ed25519 key plays the part of a security
key for "ssh:" (or of a plain key, in the modes that begin with "plain"). Each request for a signature
adds a line to LOG. It serves one connection after the other until it is ended.

  good            touched at once
  refuse=N        refuses N times, then signs
  slow=SECONDS    signs after some time
  hang, hang-list never answers
  locked          does not list its keys
  empty, rsa      has no key, or one of another type
  twins           has a second key with the same comment
  close, cut      ends the connection instead of answering, or within the answer
  long, zero      an answer of an impossible length
  nonsense        an answer of an unknown type
  trailing, list-trailing, list-short   an answer that does not end where it should
  flood           bytes without end after the answer
  wrong           a signature that does not hold
  untouched       one without the flag that says that the key was touched
  other           one that holds for another application
  plain, plain-wrong, plain-fido   with a plain key; the last one signs as a security key would
"""
import hashlib
import os
import socket
import struct
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "hostile"))
sys.dont_write_bytecode = True
from ed25519 import Key, string  # noqa: E402

FIDO = b"sk-ssh-ed25519@openssh.com"
PLAIN = b"ssh-ed25519"
APPLICATION = b"ssh:"
COMMENT = b"the token"


def message(kind, body=b""):
    return struct.pack(">IB", len(body) + 1, kind) + body


class Agent:
    def __init__(self, key, mode, log):
        self.key, self.log = key, log
        self.mode, _, value = mode.partition("=")
        self.value = float(value or 0)
        self.plain = self.mode.startswith("plain")
        self.asked = 0

    def blob(self, public):
        if self.plain:
            return string(PLAIN) + string(public)
        return string(FIDO) + string(public) + string(APPLICATION)

    def keys(self):
        mode = self.mode
        if mode == "locked":
            return message(5)
        if mode == "empty":
            return message(12, struct.pack(">I", 0))
        if mode == "rsa":
            blob = string(b"ssh-rsa") + string(b"\1\0\1") + string(b"\0" * 256)
            return message(12, struct.pack(">I", 1) + string(blob) + string(COMMENT))
        count = 2 if mode in ("twins", "list-short") else 1
        body = struct.pack(">I", count) + string(self.blob(self.key.public)) + string(COMMENT)
        if mode == "twins":
            body += string(self.blob(bytes(32))) + string(COMMENT)
        if mode == "list-trailing":
            body += b"x"
        return message(12, body)

    def token(self, data, application=APPLICATION, flags=1):
        """PROTOCOL.u2f"""
        end = struct.pack(">BI", flags, self.asked)
        signed = hashlib.sha256(application).digest() + end + hashlib.sha256(data).digest()
        return string(FIDO) + string(self.key.sign(signed)) + end

    def signature(self, data):
        mode = self.mode
        if mode in ("plain", "plain-wrong"):
            data += b"x" if mode == "plain-wrong" else b""
            blob = string(PLAIN) + string(self.key.sign(data))
        elif mode == "wrong":
            blob = self.token(data + b"x")
        elif mode == "untouched":
            blob = self.token(data, flags=0)
        elif mode == "other":
            blob = self.token(data, application=b"ssh:other")
        else:
            blob = self.token(data)
        return message(14, string(blob) + (b"x" if mode == "trailing" else b""))

    def sign(self, link, body):
        mode = self.mode
        self.asked += 1
        with open(self.log, "a") as log:
            log.write("asked\n")
        length = struct.unpack(">I", body[:4])[0]
        assert body[4 : 4 + length] == self.blob(self.key.public), "another key is asked for"
        rest = body[4 + length :]
        length = struct.unpack(">I", rest[:4])[0]
        data, flags = rest[4 : 4 + length], rest[4 + length :]
        assert flags == b"\0\0\0\0" and data.startswith(b"SSHSIG"), "a malformed request"
        if mode == "refuse" and self.asked <= self.value:
            link.sendall(message(5))
        elif mode == "close":
            pass
        elif mode == "cut":
            link.sendall(self.signature(data)[:-9])
        elif mode == "long":
            link.sendall(b"\x7f\xff\xff\xff" + bytes(4096))
        elif mode == "zero":
            link.sendall(bytes(64))
        elif mode == "nonsense":
            link.sendall(message(99, b"hello"))
        else:
            if mode == "hang":
                time.sleep(1000)
            time.sleep(self.value if mode == "slow" else 0)
            link.sendall(self.signature(data))
            while mode == "flood":
                link.sendall(bytes(65536))

    def serve(self, link):
        head = link.recv(4, socket.MSG_WAITALL)
        body = link.recv(struct.unpack(">I", head)[0], socket.MSG_WAITALL)
        if body[0] == 11:
            if self.mode == "hang-list":
                time.sleep(1000)
            link.sendall(self.keys())
        elif body[0] == 13:
            self.sign(link, body[1:])


def main():
    path, key, mode = sys.argv[1:4]
    agent = Agent(Key(key), mode, sys.argv[4] if len(sys.argv) > 4 else os.devnull)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listener.bind(path + ".new")
    listener.listen()
    os.rename(path + ".new", path)  # who sees it can connect to it
    while True:
        link = listener.accept()[0]
        try:
            agent.serve(link)
        except (OSError, struct.error, IndexError):  # who asked is gone
            pass
        link.close()


if __name__ == "__main__":
    main()
