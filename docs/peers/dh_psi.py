#!/usr/bin/env python3
"""Diffie-Hellman private set intersection in a few lines of Python: an example of a program to describe.

    dh_psi.py receiver PORT ITEMS RESULT      listens; writes the indices of its items that the sender has too
    dh_psi.py sender   PORT ITEMS             connects

Semi-honest. Items are lines. The group is that of RFC 3526 with 2048 bits, its squares, which have prime order;
exponents have 256 bits, as section 8 of the RFC allows. An item x becomes H(x)^a, then H(x)^ab: equal ends, equal
items, and what lies between tells nothing without the other party's exponent.
"""
import hashlib
import secrets
import socket
import sys

PRIME = int(
    "FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74020BBEA63B139B22514A08798E3404DD"
    "EF9519B3CD3A431B302B0A6DF25F14374FE1356D6D51C245E485B576625E7EC6F44C42E9A637ED6B0BFF5CB6F406B7ED"
    "EE386BFB5A899FA5AE9F24117C4B1FE649286651ECE45B3DC2007CB8A163BF0598DA48361C55D39A69163FA8FD24CF5F"
    "83655D23DCA3AD961C62F356208552BB9ED529077096966D670C354E4ABC9804F1746C08CA18217C32905E462E36CE3B"
    "E39E772C180E86039B2783A2EC07A28FB5C55DF06F4C52C9DE2BCBF6955817183995497CEA956AE515D2261898FA0510"
    "15728E5A8AACAA68FFFFFFFFFFFFFFFF",
    16,
)
BYTES = 256


def hash_to_group(item: bytes) -> int:
    wide = int.from_bytes(hashlib.shake_256(b"dh_psi 1" + item).digest(BYTES + 16), "big")
    return pow(wide % PRIME, 2, PRIME)


def send(connection, elements):
    connection.sendall(len(elements).to_bytes(4, "big") + b"".join(e.to_bytes(BYTES, "big") for e in elements))


def read(connection, length):
    parts = []
    while length > 0:
        part = connection.recv(min(length, 1 << 16))
        if not part:
            sys.exit("the other one closed the connection in the middle of a message")
        parts.append(part)
        length -= len(part)
    return b"".join(parts)


def receive(connection):
    data = read(connection, BYTES * int.from_bytes(read(connection, 4), "big"))
    elements = [int.from_bytes(data[i : i + BYTES], "big") for i in range(0, len(data), BYTES)]
    if not all(1 < element < PRIME - 1 for element in elements):
        sys.exit("the other one sent what is no element of the group")
    return elements


def main():
    role, port, path = sys.argv[1], int(sys.argv[2]), sys.argv[3]
    with open(path, "rb") as file:
        items = file.read().split(b"\n")[:-1]
    secret = secrets.randbits(256) | 1 << 255
    masked = [pow(hash_to_group(item), secret, PRIME) for item in items]
    if role == "sender":
        with socket.create_connection(("127.0.0.1", port)) as connection:
            secrets.SystemRandom().shuffle(masked)
            send(connection, masked)
            send(connection, [pow(element, secret, PRIME) for element in receive(connection)])
        return
    with socket.create_server(("127.0.0.1", port)) as server:
        connection, _ = server.accept()
        with connection:
            theirs = receive(connection)
            send(connection, masked)
            both = {pow(element, secret, PRIME) for element in theirs}
            mine = receive(connection)
    if len(mine) != len(masked):
        sys.exit(f"the sender answered {len(mine)} elements, asked for {len(masked)}")
    with open(sys.argv[4], "w") as file:
        file.writelines(f"{index}\n" for index, element in enumerate(mine) if element in both)


main()
