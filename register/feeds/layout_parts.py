"""The parts of a layout's YAML file: the form of a file, its columns, its rows, and joined files.

The layout as a whole, and loading it, belong in `register.feeds.layout`.
"""

from __future__ import annotations

import codecs
from datetime import date
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from register.feeds.texts import clean_text

# This text joins two parts of a code: two columns, or a code and the period to which it belongs.
CODE_JOINER = " + "


class LayoutPart(BaseModel):
    """A part of a layout. It is immutable, and unknown keys are errors."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Footer(LayoutPart):
    """A last line that is no record. `{row_count}` in `text` stands for the number of records."""

    starts_with: str
    text: str


class FileForm(LayoutPart):
    """The form of a file: kind, name, encoding and separators.

    `file_name` is the name for written files, where `{period}` and `{table}` are filled in. Files
    whose names match `file_pattern` are read. `table_name` is the table that the file fills. A
    layout of a feed with several tables may leave it out: its files then have the tables' names.
    `encoding` is any text encoding of Python, such as utf-8, cp1252, iso-8859-15 or utf-16.
    """

    form: Literal["csv", "xlsx"]
    file_name: str = ""
    file_pattern: str = ""
    table_name: str | None = None
    encoding: str = "utf-8"
    byte_order_mark: bool = False
    delimiter: str = Field(default=",", min_length=1, max_length=1)
    quote_character: str | None = Field(default='"', min_length=1, max_length=1)
    quoting: Literal["minimal", "all", "none"] = "minimal"
    line_terminator: str = "\n"
    footer: Footer | None = None
    sheet_name: str | None = None

    @field_validator("encoding")
    @classmethod
    def _normalise_encoding(cls, encoding: str) -> str:
        """Return Python's own name of the encoding, which the readers compare with."""
        try:
            "é".encode(encoding)
            name = codecs.lookup(encoding).name
        except UnicodeEncodeError:
            name = codecs.lookup(encoding).name
        except LookupError as error:
            raise ValueError(f"no text encoding is called {encoding}") from error
        return name

    @model_validator(mode="before")
    @classmethod
    def _name_written_file(cls, content: Any) -> Any:
        if not isinstance(content, dict) or content.get("file_name"):
            return content
        pattern = str(content.get("file_pattern", ""))
        return {**content, "file_name": pattern.replace("*", "{period}")}


class LayoutColumn(LayoutPart):
    """A delivered column: its heading, and the field of the contract that it fills.

    The heading is `name` or, in some files, one of `other_names`. A column with a `value` is not
    delivered: every record has this text in the field.

    If `part` is set, the column contains only part of a field: the date, the time, or one of
    several texts. These texts are `joined` to a code in the order of the layout. If `before` or
    `after` is set, the field gets only the text before or after the first occurrence of this mark.
    So one column may fill two fields. If a heading occurs several times in a file, the second is
    written `Heading (2)`, and so on.

    `digits` is for references that a system writes with leading zeros, and other programs without:
    a text of digits alone gets zeros in front until it has this many.
    """

    name: str = ""
    field: str
    other_names: tuple[str, ...] = ()
    value: str | None = Field(default=None, min_length=1)
    part: Literal["date", "time", "joined"] | None = None
    before: str | None = Field(default=None, min_length=1)
    after: str | None = Field(default=None, min_length=1)
    digits: int | None = Field(default=None, ge=2, le=40)
    is_required: bool = True

    @model_validator(mode="after")
    def _check_sides(self) -> LayoutColumn:
        if self.before and self.after:
            raise ValueError(f"column {self.name} has both before and after: keep one")
        if bool(self.name) == (self.value is not None):
            raise ValueError(f"the column of {self.field} needs either a name or a value")
        if self.part and self.value is not None:
            raise ValueError(
                f"the column of {self.field} has a value, so it is no part: leave out part"
            )
        return self

    @property
    def headings(self) -> tuple[str, ...]:
        """The headings that the column may have, in lower case; none if it is not delivered."""
        names = (self.name, *self.other_names) if self.name else ()
        return tuple(name.casefold() for name in names)


class RowSelection(LayoutPart):
    """The rows of a file that belong to a table: those with one of `values` in a column.

    Without `values`, these are the rows in which the column is not null. `other_values` are the
    texts of rows that belong to other tables alone; each further text is reported.
    """

    column: str
    values: tuple[str, ...] = ()
    other_values: tuple[str, ...] = ()

    @property
    def listed_texts(self) -> frozenset[str]:
        """All texts that are known, in lower case; the empty text is one."""
        texts = (*self.values, *self.other_values, "")
        return frozenset(clean_text(text).casefold() for text in texts)


class JoinedFile(LayoutPart):
    """A second file or sheet, which has more columns of the same records.

    Each record gets the columns of the line whose `other_key` equals the record's `key`. Both are
    headings; `other_key` is left out if they are equal. Of several lines with one key, the first is
    joined that `rows` selects. `digits` is that of a column, for both keys.
    """

    file: FileForm
    key: str
    other_key: str = ""
    digits: int | None = Field(default=None, ge=2, le=40)
    rows: RowSelection | None = None
    columns: tuple[LayoutColumn, ...] = Field(min_length=1)

    @property
    def headings(self) -> frozenset[str]:
        """The headings that are read from the joined file, in lower case."""
        names = (name for column in self.columns for name in column.headings)
        selecting = (self.rows.column.casefold(),) if self.rows else ()
        return frozenset((*names, self.joined_key, *selecting))

    @property
    def joined_key(self) -> str:
        """The heading of the key in the joined file, in lower case."""
        return (self.other_key or self.key).casefold()


class CodePeriod(LayoutPart):
    """A period of a dated code: from `valid_from` on, `code` is added to the delivered code."""

    valid_from: date
    code: str = Field(min_length=1)


class DatedCode(LayoutPart):
    """A code whose meaning depends on the date in another field.

    For example, take `{field: category, by: reported_at, periods: [{valid_from: 2017-01-01, code:
    from 2017}]}`. It turns a delivered `Missing` into `Missing + from 2017`. If no column is
    delivered, the code is `from 2017` alone.
    """

    field: str
    by: str
    periods: tuple[CodePeriod, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _check_order(self) -> DatedCode:
        days = [period.valid_from for period in self.periods]
        if days != sorted(set(days)):
            raise ValueError(f"the periods of {self.field} must be in order of valid_from")
        return self
