"""Writes zips under a password, in the traditional encryption that every zip tool opens.

Python's own zipfile reads such archives and cannot write them. The encryption is weak and here
only so that the register's way with passwords can be tried (PKWARE APPNOTE 6.3, section 6.1).
"""

from __future__ import annotations

import struct
import zlib

DEMO_ZIP_PASSWORD = "a password for invented data"  # noqa: S105 - protects nothing
DOS_TIME, DOS_DATE = 0, (40 << 9) | (1 << 5) | 1
ENCRYPTED, DEFLATED, VERSION = 0x1, 8, 20


def _crc_step(crc: int, byte: int) -> int:
    # One step of CRC-32 without the inversion at both ends, which zlib adds.
    return zlib.crc32(bytes([byte]), crc ^ 0xFFFFFFFF) ^ 0xFFFFFFFF


class _Keys:
    def __init__(self, password: bytes) -> None:
        self.first, self.second, self.third = 0x12345678, 0x23456789, 0x34567890
        for byte in password:
            self._update(byte)

    def _update(self, byte: int) -> None:
        self.first = _crc_step(self.first, byte)
        self.second = ((self.second + (self.first & 0xFF)) * 134775813 + 1) & 0xFFFFFFFF
        self.third = _crc_step(self.third, self.second >> 24)

    def encrypt(self, data: bytes) -> bytes:
        found = bytearray()
        for byte in data:
            stream = (self.third | 2) & 0xFFFF
            found.append(byte ^ (((stream * (stream ^ 1)) >> 8) & 0xFF))
            self._update(byte)
        return bytes(found)


def encrypted_zip_bytes(files: dict[str, bytes], password: str) -> bytes:
    """A zip of `files` under `password`, the same whenever it is made."""
    body, directory = bytearray(), bytearray()
    for name in sorted(files):
        data, title = files[name], name.encode()
        crc = zlib.crc32(data)
        packer = zlib.compressobj(6, zlib.DEFLATED, -15)
        packed = packer.compress(data) + packer.flush()
        # Eleven bytes that should be random, and one that lets a reader check the password.
        opening = bytes(range(11)) + bytes([crc >> 24])
        secret = _Keys(password.encode()).encrypt(opening + packed)
        sizes = (crc, len(secret), len(data), len(title), 0)
        common = struct.pack(
            "<HHHHHLLLHH", VERSION, ENCRYPTED, DEFLATED, DOS_TIME, DOS_DATE, *sizes
        )
        entry = struct.pack("<HHHLL", 0, 0, 0, 0o644 << 16, len(body))
        directory += b"PK\x01\x02" + struct.pack("<H", VERSION) + common + entry + title
        body += b"PK\x03\x04" + common + title + secret
    count = len(files)
    end = struct.pack("<HHHHLLH", 0, 0, count, count, len(directory), len(body), 0)
    return bytes(body + directory + b"PK\x05\x06" + end)
