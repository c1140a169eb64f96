"""Sending a message to a command or a web hook of the settings.

Errors name the variable of the setting, and never the address or the command.
"""

from __future__ import annotations

import os
import shlex
import subprocess
import urllib.error
import urllib.request

TIMEOUT_SECONDS = 30


def run_command(variable: str, command: str, message: bytes) -> list[str]:
    """Run a command with the message on its standard input; return what went wrong, if anything.

    The command gets no variable of the register, because these have secrets.
    """
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith("REGISTER_")
    }
    try:
        outcome = subprocess.run(
            shlex.split(command),
            input=message,
            env=environment,
            capture_output=True,
            timeout=TIMEOUT_SECONDS,
            check=False,
        )
    except (OSError, ValueError, subprocess.TimeoutExpired) as error:
        return [f"{variable} failed: {type(error).__name__}"]
    if outcome.returncode != 0:
        return [f"{variable} ended with exit code {outcome.returncode}"]
    return []


def post_message(variable: str, url: str, message: bytes) -> list[str]:
    """Post the message as JSON to a web hook; return what went wrong, if anything."""
    # `load_settings` accepts only https, or http on this machine.
    request = urllib.request.Request(  # noqa: S310
        url, data=message, headers={"Content-Type": "application/json"}, method="POST"
    )
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS):  # noqa: S310
            return []
    except urllib.error.HTTPError as error:
        return [f"{variable} answered with status {error.code}"]
    except (OSError, ValueError) as error:
        return [f"{variable} failed: {type(error).__name__}"]
