"""Ports of this machine."""

import socket

from .ui import Problem


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def require_free(port: int, interface: str = "127.0.0.1") -> None:
    """Check that a server can listen on this port.

    :raises Problem: when it is taken or not allowed
    """
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((interface, port))
        except OverflowError:
            raise Problem(f"{port} is not a port: 1 to 65535") from None
        except OSError as error:
            raise Problem(
                f"port {port} cannot be used: {error.strerror}",
                f"Another program may have it. Choose another port: --port {port + 1}",
            ) from None
