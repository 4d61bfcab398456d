"""Ports for programs that take no port of the system's choice."""

import random
import socket

taken = set()


def free_port():
    """A port below those that the system gives to connections, and another one each time."""
    while True:
        port = random.randrange(20000, 32000)
        with socket.socket() as listener:
            try:
                listener.bind(("127.0.0.1", port))
            except OSError:
                continue
        if port not in taken:
            taken.add(port)
            return port
