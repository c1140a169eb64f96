"""A step of an upload that kills itself at the n-th file operation: run by `test_upload_kills.py`.

Without a number it prints how many file operations the whole step makes.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable

from interfaces.web import perform_landing, upload_landing
from interfaces.web.upload_landing import confirm_upload
from interfaces.web.upload_parts import FilePart, finish_file
from interfaces.web.uploads import Upload, read_upload
from register.settings import Settings, load_settings

EVENTS = ("open", "os.mkdir", "os.rename", "os.remove", "os.rmdir", "shutil.copyfile")


def send_rest(settings: Settings, upload: Upload) -> None:
    """Receive the second half of the first file, which is on the standard input."""
    data = sys.stdin.buffer.read()
    offset = upload.files[0].size - len(data)
    with FilePart(settings, upload, 1, offset) as part:
        for byte in range(0, len(data), 100):
            part.write(data[byte : byte + 100])
    finish_file(settings, upload, 1)


STEPS: dict[str, Callable[[Settings, Upload], object]] = {
    "part": send_rest,
    "confirm": confirm_upload,
    "land": lambda settings, _: perform_landing(settings),
}


def main(home: str, step: str, upload_id: str, fatal: int) -> None:
    """Do the step, and die at the `fatal`-th operation if it is not 0."""
    settings = load_settings({"REGISTER_ENVIRONMENT": "test", "REGISTER_HOME": home})
    upload_landing.start_landing = lambda _: True
    upload = read_upload(settings, upload_id)
    assert upload is not None
    count = 0

    def watch(event: str, details: tuple[object, ...]) -> None:
        nonlocal count
        if event in EVENTS and str(details[0]).startswith(home):
            count += 1
            if count == fatal:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(watch)
    STEPS[step](settings, upload)
    sys.stdout.write(f"{count}\n")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4]))
