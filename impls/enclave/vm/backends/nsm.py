#!/usr/bin/env python3
"""virtio-nsm (virtio device 33) over vhost-user: hands the guest's requests to a security module.

usage: nsm.py SOCKET-FOR-QEMU SOCKET-OF-THE-MODULE

The module's socket carries a length (4 bytes, big-endian) before each request and each answer. Linux's driver
(drivers/misc/nsm.c) queues request and response as two elements of their own, so a request is kept until a
buffer for its answer comes.
"""

import socket
import struct
import sys

from vhost_user import Device, read_pieces, receive_exactly, write_pieces


class Nsm(Device):
    def __init__(self, path, module):
        self.module = socket.socket(socket.AF_UNIX)
        self.module.connect(module)
        self.request = b""
        super().__init__(path)

    def ask(self, request):
        self.module.sendall(struct.pack(">I", len(request)) + request)
        return receive_exactly(self.module, struct.unpack(">I", receive_exactly(self.module, 4))[0])

    def kicked(self, index):
        queue = self.queue[index]
        answered = False
        while (chain := queue.pop()) is not None:
            head, readable, writable = chain
            if readable:
                self.request = read_pieces(readable)
            written = write_pieces(writable, self.ask(self.request)) if writable else 0
            queue.push(head, written)
            answered = answered or bool(writable)
        if answered:
            queue.notify()


Nsm(sys.argv[1], sys.argv[2]).run()
