"""What the HTTPS API receives and answers. FastAPI describes these models in `openapi.json`."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field

from interfaces.web.supplier_history import OwnDelivery, State
from interfaces.web.upload_checks import UploadCheck
from interfaces.web.upload_landing import Progress
from interfaces.web.uploads import DeclaredFile, Upload, read_offset
from register.feeds import DeliverablePeriod
from register.settings import Settings

SHA256 = "^[0-9a-fA-F]{64}$"


class ApiModel(BaseModel):
    """A part of a request or of an answer. Unknown properties of a request are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class FileToSend(ApiModel):
    """A file that you are going to send."""

    path: str = Field(description="The file's name, perhaps below folders.", examples=["a.csv"])
    size: int = Field(ge=0, description="The number of bytes.")
    sha256: str = Field(pattern=SHA256, description="The SHA-256 of the file, in hexadecimal.")

    def declare(self) -> DeclaredFile:
        """Return the file as an upload declares it."""
        return DeclaredFile(self.path, self.size, self.sha256)


class UploadOrder(ApiModel):
    """A delivery that you are going to send."""

    feed: str = Field(examples=["police_reports"])
    period: str = Field(examples=["2026-10"])
    files: tuple[FileToSend, ...] = Field(min_length=1)


class FileAnswer(ApiModel):
    """A file of an upload, and how much of it has arrived."""

    number: int
    path: str
    size: int
    offset: int = Field(description="The bytes that have arrived; the next part begins at it.")
    sha256: str
    is_complete: bool


class UploadAnswer(ApiModel):
    """An upload, and how far it is.

    `progress` is `open` until you confirm. Then it is `landing`, `waits_for_load` while a load
    reads deliveries, or `next_load` if the delivery could not be read at once. With `landed`, the
    delivery has an id and a receipt.
    """

    upload_id: str
    supplier_code: str
    feed: str
    period: str
    started_at: datetime
    progress: Progress
    delivery_id: str | None
    files: tuple[FileAnswer, ...]

    @classmethod
    def from_upload(cls, settings: Settings, upload: Upload, progress: Progress) -> Self:
        """Return the answer about an upload."""
        files = tuple(
            FileAnswer(
                number=file.number,
                path=file.path,
                size=file.size,
                offset=file.size
                if upload.state == "confirmed"
                else read_offset(settings, upload.upload_id, file.number),
                sha256=file.sha256,
                is_complete=file.is_complete,
            )
            for file in upload.files
        )
        return cls(
            upload_id=upload.upload_id,
            supplier_code=upload.supplier_code,
            feed=upload.feed,
            period=upload.period,
            started_at=datetime.fromisoformat(upload.started_at),
            progress=progress,
            delivery_id=upload.delivery_id or None,
            files=files,
        )


class CheckAnswer(ApiModel):
    """The result of a check: the outcome that the delivery would have, and every fault."""

    outcome: str
    summary: str
    notes: tuple[str, ...]
    lines: tuple[dict[str, Any], ...]

    @classmethod
    def from_check(cls, result: UploadCheck) -> Self:
        """Return the answer about a check."""
        return cls(
            outcome=result.outcome,
            summary=result.summary,
            notes=result.notes,
            lines=result.lines,
        )


class PeriodAnswer(ApiModel):
    """A period that you may deliver. It is due if it is expected now, and late after `due_on`."""

    supplier_code: str
    feed: str
    period: str
    due_on: date
    is_due: bool
    is_late: bool
    is_delivered: bool

    @classmethod
    def from_period(cls, period: DeliverablePeriod) -> Self:
        """Return the answer about a period."""
        return cls(**vars(period))


class DeliveryAnswer(ApiModel):
    """A delivery of yours, and its state today."""

    delivery_id: str
    supplier_code: str
    feed: str
    period: str
    received_at: datetime
    state: State
    rule_code: str | None = Field(description="The rule that rejected or held the delivery.")
    received_row_count: int
    landed_row_count: int
    quarantined_row_count: int

    @classmethod
    def from_delivery(cls, delivery: OwnDelivery) -> Self:
        """Return the answer about a delivery."""
        entry = delivery.entry
        return cls(
            delivery_id=entry.delivery_id,
            supplier_code=entry.supplier_code,
            feed=entry.feed,
            period=entry.period,
            received_at=entry.received,
            state=delivery.state,
            rule_code=entry.reject_rule_code or entry.hold_rule_code,
            received_row_count=entry.received_row_count,
            landed_row_count=entry.landed_row_count,
            quarantined_row_count=entry.quarantined_row_count,
        )


class MessageAnswer(ApiModel):
    """A message of the register to you."""

    supplier_code: str
    name: str


class Problem(BaseModel):
    """A refused request (RFC 9457). `offset` is the right offset, if a part had a wrong one."""

    title: str
    status: int
    detail: str
    offset: int | None = None
