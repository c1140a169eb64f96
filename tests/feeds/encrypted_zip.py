"""A zip with one file under the traditional encryption, which the standard library only reads.

The method is that of PKWARE's APPNOTE.TXT, section 6.1.
"""

from __future__ import annotations

import io
import zipfile
import zlib

CHECKED_FLAG = 0x1


def _crc(value: int, byte: int) -> int:
    return zlib.crc32(bytes([byte]), value ^ 0xFFFFFFFF) ^ 0xFFFFFFFF


def _encrypt(data: bytes, password: bytes) -> bytes:
    keys = [0x12345678, 0x23456789, 0x34567890]

    def update(byte: int) -> None:
        keys[0] = _crc(keys[0], byte)
        keys[1] = ((keys[1] + (keys[0] & 0xFF)) * 134775813 + 1) & 0xFFFFFFFF
        keys[2] = _crc(keys[2], keys[1] >> 24)

    for byte in password:
        update(byte)
    result = bytearray()
    for byte in data:
        mask = (keys[2] & 0xFFFF) | 2
        result.append(byte ^ ((mask * (mask ^ 1)) >> 8 & 0xFF))
        update(byte)
    return bytes(result)


def encrypted_zip(name: str, data: bytes, password: str) -> bytes:
    """One file, stored and encrypted."""
    check = zlib.crc32(data)
    body = _encrypt(bytes(11) + bytes([check >> 24]) + data, password.encode())
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr(name, body)
    written = bytearray(packed.getvalue())
    entry = written.rindex(b"PK\x01\x02")
    for flags, crc, size in ((6, 14, 22), (entry + 8, entry + 16, entry + 24)):
        written[flags] |= CHECKED_FLAG
        written[crc : crc + 4] = check.to_bytes(4, "little")
        written[size : size + 4] = len(data).to_bytes(4, "little")
    return bytes(written)
