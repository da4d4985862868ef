"""The back end's side of vhost-user: QEMU's guest memory, its virtqueues, and the messages that set them up.

Source: the vhost-user protocol of QEMU's documentation (docs/interop/vhost-user.rst) and the split virtqueues
of the virtio specification, version 1.2, section 2.7. Only what the two devices beside this file need: no
live migration, no in-flight tracking, no packed queues, no reconnection.
"""

import mmap
import os
import select
import socket
import struct
import sys

VIRTIO_F_VERSION_1 = 1 << 32
VHOST_USER_F_PROTOCOL_FEATURES = 1 << 30
PROTOCOL_F_MQ = 1 << 0
PROTOCOL_F_REPLY_ACK = 1 << 3
PROTOCOL_F_CONFIG = 1 << 9

GET_FEATURES = 1
SET_MEM_TABLE = 5
SET_VRING_NUM = 8
SET_VRING_ADDR = 9
SET_VRING_BASE = 10
GET_VRING_BASE = 11
SET_VRING_KICK = 12
SET_VRING_CALL = 13
GET_PROTOCOL_FEATURES = 15
GET_QUEUE_NUM = 17
GET_CONFIG = 24

DESCRIPTOR_NEXT = 1
DESCRIPTOR_WRITE = 2
DESCRIPTOR_INDIRECT = 4

NEED_REPLY = 8
REPLY = 4 | 1
MAX_FDS = 8


def receive_exactly(connection, length):
    """`length` bytes; EOFError when the peer is gone."""
    parts = b""
    while len(parts) < length:
        part = connection.recv(length - len(parts))
        if not part:
            raise EOFError
        parts += part
    return parts


class Memory:
    """The guest's memory, mapped here: pieces by the guest's address and by QEMU's."""

    def __init__(self):
        self.regions = []

    def replace(self, regions):
        self.regions = regions

    def at(self, address, length):
        """(map, offset) of the guest's physical `address`; ValueError when not all of it is memory."""
        for guest, size, _, mapped, offset in self.regions:
            if guest <= address and address + length <= guest + size:
                return mapped, address - guest + offset
        raise ValueError(f"the guest names memory that it has not got: {address:#x}")

    def of_qemu(self, address):
        """(map, offset) of an address in QEMU's own process, which is how rings are named."""
        for _, size, user, mapped, offset in self.regions:
            if user <= address < user + size:
                return mapped, address - user + offset
        raise ValueError(f"QEMU names a ring outside memory: {address:#x}")


class Queue:
    """A split virtqueue."""

    def __init__(self, memory):
        self.memory = memory
        self.size = 0
        self.rings = None
        self.next = 0
        self.kick = -1
        self.call = -1

    def pop(self):
        """(head, readable pieces, writable pieces) of the next chain, each (map, offset, length); None when empty."""
        if self.rings is None:
            return None
        table, _, available = self.rings
        ring, at = self.memory.of_qemu(available)
        if self.next == struct.unpack_from("<H", ring, at + 2)[0]:
            return None
        head = struct.unpack_from("<H", ring, at + 4 + 2 * (self.next % self.size))[0]
        self.next = (self.next + 1) & 0xFFFF
        readable, writable = [], []
        for address, length, flags in self._chain(table, head):
            mapped, offset = self.memory.at(address, length)
            (writable if flags & DESCRIPTOR_WRITE else readable).append((mapped, offset, length))
        return head, readable, writable

    def _chain(self, table, head):
        mapped, at = self.memory.of_qemu(table)
        index = head
        for _ in range(self.size):
            address, length, flags, following = struct.unpack_from("<QIHH", mapped, at + 16 * index)
            if flags & DESCRIPTOR_INDIRECT:
                inner, place = self.memory.at(address, length)
                for i in range(length // 16):
                    yield struct.unpack_from("<QIH", inner, place + 16 * i)
                return
            yield address, length, flags
            if not flags & DESCRIPTOR_NEXT:
                return
            index = following
        raise ValueError("the guest made a chain of descriptors that has no end")

    def push(self, head, written):
        """Gives a chain back, `written` bytes of it filled."""
        used, at = self.memory.of_qemu(self.rings[1])
        index = struct.unpack_from("<H", used, at + 2)[0]
        struct.pack_into("<II", used, at + 4 + 8 * (index % self.size), head, written)
        struct.pack_into("<H", used, at + 2, (index + 1) & 0xFFFF)

    def notify(self):
        """Interrupts the guest."""
        if self.call >= 0:
            os.eventfd_write(self.call, 1)


def read_pieces(pieces):
    """The bytes of readable pieces."""
    return b"".join(mapped[offset : offset + length] for mapped, offset, length in pieces)


def write_pieces(pieces, data):
    """Fills writable pieces from `data`; returns how many bytes had room."""
    written = 0
    for mapped, offset, length in pieces:
        part = data[written : written + length]
        mapped[offset : offset + len(part)] = part
        written += len(part)
    return written


class Device:
    """A device of one QEMU: subclasses say what happens when the guest has filled a queue."""

    queues = 1
    protocol_features = PROTOCOL_F_REPLY_ACK

    def __init__(self, path):
        if os.path.exists(path):
            os.unlink(path)
        server = socket.socket(socket.AF_UNIX)
        server.bind(path)
        server.listen(1)
        print("ready", flush=True)
        self.qemu, _ = server.accept()
        server.close()
        self.memory = Memory()
        self.queue = [Queue(self.memory) for _ in range(self.queues)]
        self.poll = select.poll()
        self.poll.register(self.qemu, select.POLLIN)

    def kicked(self, index):
        """The guest has put something into queue `index`."""

    def ready(self, fd):
        """A descriptor that the device itself registered is ready."""

    def waiting(self):
        """Called before every wait."""

    def config(self, length):
        """The device's configuration space."""
        return bytes(length)

    def run(self):
        """Serves until QEMU is gone."""
        try:
            while True:
                self.waiting()
                for fd, _ in self.poll.poll():
                    kicked = [i for i, queue in enumerate(self.queue) if queue.kick == fd]
                    if fd == self.qemu.fileno():
                        self._message()
                    elif kicked:
                        os.eventfd_read(fd)
                        self.kicked(kicked[0])
                    else:
                        self.ready(fd)
        except (EOFError, ConnectionError, BrokenPipeError):
            sys.exit(0)

    def _message(self):
        head, fds, _, _ = socket.recv_fds(self.qemu, 12, MAX_FDS)
        if len(head) < 12:
            raise EOFError
        request, flags, size = struct.unpack("<III", head)
        body = receive_exactly(self.qemu, size) if size else b""
        answer = self._answer(request, body, fds)
        if answer is None and flags & NEED_REPLY:
            answer = struct.pack("<Q", 0)
        if answer is not None:
            self.qemu.sendall(struct.pack("<III", request, REPLY, len(answer)) + answer)

    def _answer(self, request, body, fds):
        if request == GET_FEATURES:
            return struct.pack("<Q", VIRTIO_F_VERSION_1 | VHOST_USER_F_PROTOCOL_FEATURES)
        if request == GET_PROTOCOL_FEATURES:
            return struct.pack("<Q", self.protocol_features)
        if request == GET_QUEUE_NUM:
            return struct.pack("<Q", self.queues)
        if request == GET_CONFIG:
            (length,) = struct.unpack_from("<I", body, 4)
            return body[:12] + self.config(length)
        if request == SET_MEM_TABLE:
            self.memory.replace(list(self._map(body, fds)))
        elif request in (SET_VRING_NUM, SET_VRING_BASE):
            index, value = struct.unpack_from("<II", body)
            setattr(self.queue[index], "size" if request == SET_VRING_NUM else "next", value)
        elif request == SET_VRING_ADDR:
            index, _, table, used, available = struct.unpack_from("<IIQQQ", body)
            self.queue[index].rings = (table, used, available)
        elif request == GET_VRING_BASE:
            (index,) = struct.unpack_from("<I", body)
            queue = self.queue[index]
            queue.rings = None
            return struct.pack("<II", index, queue.next)
        elif request in (SET_VRING_KICK, SET_VRING_CALL):
            index = struct.unpack_from("<Q", body)[0] & 0xFF
            if fds:
                self._descriptor(self.queue[index], request, fds[0])
        return None

    def _descriptor(self, queue, request, fd):
        if request == SET_VRING_KICK:
            queue.kick = fd
            self.poll.register(fd, select.POLLIN)
        else:
            queue.call = fd
            # What was answered before this descriptor was known has interrupted nobody.
            queue.notify()

    @staticmethod
    def _map(body, fds):
        (count,) = struct.unpack_from("<I", body)
        for i, fd in zip(range(count), fds):
            guest, size, user, offset = struct.unpack_from("<QQQQ", body, 8 + 32 * i)
            yield guest, size, user, mmap.mmap(fd, size + offset), offset
            os.close(fd)
