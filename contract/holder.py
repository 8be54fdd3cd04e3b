"""A process that opens a tap and holds it, as a qemu does; run with the tap's name.

It says ``open``; then it sends each payload that it reads as a broadcast frame, and says each payload that it receives.
"""

from __future__ import annotations

import fcntl
import os
import select
import struct
import sys

TUNSETIFF = 0x400454CA
TAP_WITHOUT_HEADER = 0x0002 | 0x1000
EXPERIMENTAL = b"\x88\xb5"
"""The Ethernet type for trials (IEEE 802): nobody else sends or answers it."""


def main(name: str) -> None:
    """Hold the tap until it is killed or its input ends."""
    tap = os.open("/dev/net/tun", os.O_RDWR)
    fcntl.ioctl(tap, TUNSETIFF, struct.pack("16sH", name.encode(), TAP_WITHOUT_HEADER))
    os.set_blocking(tap, False)
    print("open", flush=True)
    source = b"\x52\x54\x00" + os.urandom(3)
    while True:
        ready, _, _ = select.select([tap, sys.stdin], [], [])
        if sys.stdin in ready:
            text = sys.stdin.readline()
            if not text:
                return
            _send(tap, source, text.strip().encode())
        if tap in ready:
            _receive(tap)


def _send(tap: int, source: bytes, payload: bytes) -> None:
    frame = b"\xff" * 6 + source + EXPERIMENTAL + payload
    os.write(tap, frame.ljust(60, b"\0"))


def _receive(tap: int) -> None:
    frame = os.read(tap, 2048)
    tagged = frame[12:14] == b"\x81\x00"
    kind, payload = (frame[16:18], frame[18:]) if tagged else (frame[12:14], frame[14:])
    if kind == EXPERIMENTAL:
        print("tagged " * tagged + payload.rstrip(b"\0").decode(), flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
