"""Bad deliveries, one of each kind, recorded with what must become of them.

They lie in months after the simulated years, so that no good delivery is superseded, and repeat
reports that were delivered before, so that the truth knows every record in them.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pandas as pd

from register.simulation.calendar import EPOCH, collection_year, year_start
from register.simulation.damage import POLICE_CASES, UNPLACED_CASES, Damaged, PoliceCase, keep_share
from register.simulation.deliveries import Delivery, Inbox
from register.simulation.suppliers import AuthorityPost, month_number
from register.simulation.views.authority_records import case_system_of
from register.simulation.views.layouts import layout_of
from register.simulation.views.police_files import month_text, police_files
from register.simulation.world.nation import Nation

COLUMNS = [
    "case",
    "feed",
    "supplier_code",
    "period",
    "outcome",
    "rule_code",
    "file_name",
    "row_number",
]
SAMPLE = 14
ENTITIES = (
    b'<?xml version="1.0"?>\n<!DOCTYPE Message [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>\n'
    b"<Message><Children><CHILD><HEADER><CHILDID>&b;</CHILDID></HEADER></CHILD></Children></Message>\n"
)
UNFINISHED = b'<?xml version="1.0"?>\n<Message><Children><CHILD><HEADER>\n'


class DirtyPost:
    """Delivers what is wrong and notes it."""

    def __init__(self, nation: Nation, inbox: Inbox, reports: pd.DataFrame) -> None:
        self.nation, self.inbox, self.reports = nation, inbox, reports
        self.rows: list[tuple[str, str, str, str, str, str, str, int]] = []
        last = month_number(year_start(nation.plan.years[-1] + 1) - 1)
        self._next_month = dict.fromkeys(sorted(reports["force"].unique()), last + 1)

    def deliver(self, authorities: AuthorityPost) -> pd.DataFrame:
        """Write all that the plan's suppliers allow; a row per bad delivery."""
        for case in POLICE_CASES:
            self._police(case)
        self._unplaced()
        self._returns()
        self._shrunk(authorities)
        return pd.DataFrame(self.rows, columns=COLUMNS)

    def _note(
        self, case: tuple[str, str, str], delivery: Delivery, file: str, row: int = 0
    ) -> None:
        name, outcome, rule = case
        place = (delivery.feed, delivery.supplier, delivery.period)
        if self.inbox.deliver(delivery):
            self.rows.append((name, *place, outcome, rule, file, row))

    def _police(self, case: PoliceCase) -> None:
        fitting = [
            force
            for force, month in self._next_month.items()
            if case.layout in ("", layout_of(force, f"{month_text(month)}-01"))
            and (self.reports["force"] == force).sum() >= SAMPLE
        ]
        if not fitting:
            return
        force = min(fitting, key=lambda code: (self._next_month[code], code))
        month = self._next_month[force]
        name, damaged = self._damaged(case, force, month)
        key = ("police_reports", force, month_text(month))
        when = self._after(month)
        if when <= self.inbox.as_of:
            self._next_month[force] += 1
            delivery = Delivery(*key, damaged.files, when)
            self._note(
                (case.name, case.outcome, case.rule_code), delivery, name, damaged.row_number
            )

    def _damaged(self, case: PoliceCase, force: str, month: int) -> tuple[str, Damaged]:
        (name, content), *_ = police_files(force, month, self._usual_month(force)).items()
        damaged = case.damage(name, content)
        return next(iter(damaged.files)), damaged

    def _usual_month(self, force: str) -> pd.DataFrame:
        """As many of a force's latest reports as a month has, so that nothing seems to shrink."""
        held = self.reports[self.reports["force"] == force]
        months = 12 * self.nation.plan.year_count
        return held.tail(max(SAMPLE, round(len(held) / months * 1.2)))

    def _after(self, month: int) -> datetime:
        day = np.datetime64(month + 1, "M").astype("datetime64[D]").astype(int)
        start = datetime(EPOCH.year, EPOCH.month, EPOCH.day, tzinfo=UTC)
        return start + timedelta(days=int(day) + 6, hours=10, minutes=15)

    def _unplaced(self) -> None:
        """Good files under a feed, supplier or period that there cannot be."""
        force = next(iter(self._next_month))
        month = month_number(year_start(self.nation.plan.years[-1] + 1) - 1)
        files = police_files(force, month, self._usual_month(force))
        for case, feed, supplier, period in UNPLACED_CASES:
            delivery = Delivery(feed, supplier or force, period, files, self._after(month))
            self._note((case, "rejected", case), delivery, next(iter(files)))

    def _returns(self) -> None:
        year = self.nation.plan.first_year - 1
        when = datetime(self.nation.plan.first_year, 7, 3, 9, 0, tzinfo=UTC)
        places = self.nation.geography.simulated.tolist()
        for place, case, content in zip(
            places, ("xml_entities", "malformed_xml"), (ENTITIES, UNFINISHED), strict=False
        ):
            key = ("authority_return", self.nation.authority_code(place), collection_year(year))
            self._note(
                (case, "rejected", case),
                Delivery(*key, {"return.xml": content}, when),
                "return.xml",
            )

    def _shrunk(self, authorities: AuthorityPost) -> None:
        """An extract of the quarter after the last, with a good part of its rows gone."""
        periods = authorities.periods()
        if not periods:
            return
        text, day = periods[-1]
        year, quarter = int(text[:4]), int(text[-1])
        following = f"{year + quarter // 4}-Q{quarter % 4 + 1}"
        place = int(self.nation.geography.simulated[-1])
        system = str(case_system_of(self.nation)[place])
        when = self._after(month_number(day)) + timedelta(days=40)
        files = authorities.tables.files(place, system, day, when.strftime("%Y-%m-%dT%H:%M:%S"))
        files = {name: keep_share(name, content, 0.4) for name, content in files.items()}
        key = ("authority_extract", self.nation.authority_code(place), following)
        case = ("shrunk_delivery", "held", "shrunk_delivery")
        self._note(case, Delivery(*key, files, when), "")
