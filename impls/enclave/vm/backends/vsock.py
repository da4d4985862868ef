#!/usr/bin/env python3
"""A vsock device over vhost-user: the guest's connection to its host (CID 2) goes to a Unix socket.

usage: vsock.py SOCKET-FOR-QEMU SOCKET-OF-THE-LAUNCHER

One connection at a time, which is all that an enclave has; a second one is refused. Packets and credit as in
the virtio specification, version 1.2, section 5.10.
"""

import select
import socket
import struct
import sys

from vhost_user import (
    PROTOCOL_F_CONFIG,
    PROTOCOL_F_MQ,
    PROTOCOL_F_REPLY_ACK,
    Device,
    read_pieces,
    write_pieces,
)

GUEST_CID = 3
HOST_CID = 2
STREAM = 1
REQUEST, RESPONSE, RESET, SHUTDOWN, DATA, CREDIT_UPDATE, CREDIT_REQUEST = range(1, 8)
HEADER = struct.Struct("<QQIIIHHIII")
RECEIVE, TRANSMIT = 0, 1
BUFFER = 1 << 18
# What fits into one buffer of the guest's, header included.
MOST = 3584
# Packets that wait for room in the guest's queue.
MOST_WAITING = 64


class Vsock(Device):
    queues = 3
    protocol_features = PROTOCOL_F_MQ | PROTOCOL_F_REPLY_ACK | PROTOCOL_F_CONFIG

    def __init__(self, path, launcher):
        self.launcher = launcher
        self.stream = None
        self.is_listening = False
        self.ports = (0, 0)
        self.sent = self.forwarded = self.told = 0
        self.peer_buffer = self.peer_forwarded = 0
        self.packets = []
        super().__init__(path)

    def config(self, length):
        return struct.pack("<Q", GUEST_CID)[:length]

    def kicked(self, index):
        if index == RECEIVE:
            self.flush()
        elif index == TRANSMIT:
            self.transmitted()

    def packet(self, operation, data=b"", ports=None):
        self.packets.append((operation, data, ports or self.ports))
        self.flush()

    def flush(self):
        """As many waiting packets as the guest has room for."""
        queue = self.queue[RECEIVE]
        delivered = False
        while self.packets and (chain := queue.pop()) is not None:
            operation, data, (host_port, guest_port) = self.packets.pop(0)
            self.told = self.forwarded
            credit = self.forwarded & 0xFFFFFFFF
            fields = (HOST_CID, GUEST_CID, host_port, guest_port, len(data), STREAM, operation, 0, BUFFER, credit)
            queue.push(chain[0], write_pieces(chain[2], HEADER.pack(*fields) + data))
            delivered = True
        if delivered:
            queue.notify()

    def transmitted(self):
        """What the guest sent."""
        queue = self.queue[TRANSMIT]
        taken = False
        while (chain := queue.pop()) is not None:
            data = read_pieces(chain[1])
            queue.push(chain[0], 0)
            taken = True
            self.take(data)
        if taken:
            queue.notify()

    def take(self, data):
        _, _, guest_port, host_port, length, _, operation, _, buffer, forwarded = HEADER.unpack_from(data)
        ports = (host_port, guest_port)
        if operation == REQUEST and self.stream is None:
            self.ports = ports
            self.sent = self.forwarded = self.told = 0
            self.stream = socket.socket(socket.AF_UNIX)
            self.stream.connect(self.launcher)
            self.packet(RESPONSE)
        elif operation == REQUEST or ports != self.ports or self.stream is None:
            if operation != RESET:
                self.packet(RESET, ports=ports)
            return
        elif operation == DATA:
            self.stream.sendall(data[HEADER.size : HEADER.size + length])
            self.forwarded += length
            if self.forwarded - self.told > BUFFER // 4:
                self.packet(CREDIT_UPDATE)
        elif operation == CREDIT_REQUEST:
            self.packet(CREDIT_UPDATE)
        elif operation in (RESET, SHUTDOWN):
            self.close()
            return
        self.peer_buffer, self.peer_forwarded = buffer, forwarded

    def room(self):
        """Bytes that the guest has room for."""
        return self.peer_buffer - ((self.sent - self.peer_forwarded) & 0xFFFFFFFF)

    def waiting(self):
        """Listens to the launcher only while the guest can take what comes."""
        wanted = self.stream is not None and len(self.packets) <= MOST_WAITING and self.room() > 0
        if wanted and not self.is_listening:
            self.poll.register(self.stream, select.POLLIN)
        elif self.is_listening and not wanted:
            self.poll.unregister(self.stream)
        self.is_listening = wanted

    def ready(self, fd):
        if self.stream is None or fd != self.stream.fileno():
            return  # closed by what came before it in the same round
        data = self.stream.recv(min(MOST, self.room()))
        if data:
            self.sent += len(data)
            self.packet(DATA, data)
        else:
            self.packet(SHUTDOWN)
            self.close()

    def close(self):
        if self.is_listening:
            self.poll.unregister(self.stream)
            self.is_listening = False
        self.stream.close()
        self.stream = None


Vsock(sys.argv[1], sys.argv[2]).run()
