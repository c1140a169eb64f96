"""Settings of deliveries that suppliers upload to `register web`: limits, and the virus scan."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields

from register.setting_values import read_number
from register.variables import declare_variable


@dataclass(frozen=True)
class UploadSettings:
    """Limits of uploads, and the command that scans each file.

    The limits of a delivery (`DeliveryLimits`) apply too: the size of all files, and their number.
    """

    file_megabytes: float = declare_variable(
        "REGISTER_UPLOAD_FILE_MEGABYTES",
        "number",
        "The largest file that a supplier may upload, in megabytes.",
        least=0.001,
        default=256.0,
    )
    open_uploads: int = declare_variable(
        "REGISTER_UPLOADS_OPEN_AT_MOST",
        "whole number",
        "The largest number of unconfirmed uploads that a supplier may have at the same time.",
        least=1,
        default=5,
    )
    hours: float = declare_variable(
        "REGISTER_UPLOAD_HOURS",
        "number",
        "Hours after its last change at which an unconfirmed upload is removed.",
        least=0.01,
        default=48.0,
    )
    scan_command: str = declare_variable(
        "REGISTER_SCAN_COMMAND",
        "command",
        "A command that scans each uploaded file for viruses. It gets the file's path as its last"
        " argument, and no secret of the register. Any exit code but 0 refuses the file.",
        "none",
        default="",
    )

    @property
    def file_bytes(self) -> int:
        """The limit `file_megabytes` in bytes."""
        return int(self.file_megabytes * (1 << 20))

    @classmethod
    def read(cls, values: Mapping[str, str]) -> UploadSettings:
        """Return the settings that `values` contain. Raises `SettingsError` for an invalid one."""
        usual = cls()
        numbers = {}
        for each in fields(cls):
            variable, default = each.metadata["variable"], getattr(usual, each.name)
            if variable.least is not None:
                number = read_number(values, variable.name, default, variable.least)
                numbers[each.name] = type(default)(number)
        return cls(**numbers, scan_command=values.get("REGISTER_SCAN_COMMAND", ""))
