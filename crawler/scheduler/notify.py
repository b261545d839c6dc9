"""Tells systemd how the service fares: ready, alive, stopping. Without systemd it tells nobody."""

import contextlib
import socket

import attrs


@attrs.frozen
class Notifier:
    """The datagram socket that systemd named in NOTIFY_SOCKET; None where it did not."""

    address: str | None

    def send(self, state: str) -> None:
        """Send lines such as `READY=1`; a manager that does not listen is no reason to stop."""
        if not self.address:
            return
        # An abstract socket is written with an @ and addressed with a NUL.
        address = "\0" + self.address[1:] if self.address.startswith("@") else self.address
        with (
            contextlib.suppress(OSError),
            socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as door,
        ):
            door.sendto(state.encode(), address)
