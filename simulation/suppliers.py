"""The deliveries of each supplier: calendars, late and missing deliveries, resubmissions, zips."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import numpy as np
import pandas as pd

from simulation.calendar import DAY, EPOCH, collection_year, receipt_time, year_start
from simulation.delivery_files import Delivery, Inbox
from simulation.draws import Integers, Texts, choose_members, random_stream
from simulation.processes.extract_lag import extract_lag
from simulation.processes.written_forms import written_form
from simulation.sources.authority_records import AuthorityRecords
from simulation.sources.extract_tables import ExtractTables
from simulation.sources.police_files import joined_reports, month_text, monthly, police_files
from simulation.sources.published_statistics import release_files
from simulation.sources.return_failures import add_failing_rows
from simulation.sources.returns import Return, ReturnTables, return_csv_files, return_xml_files
from simulation.world.nation import Nation

Key = tuple[str, str, str]
# To save memory, only these columns of delivered reports are kept. If there are bad deliveries,
# which repeat reports, all columns are kept.
KEPT = ["force", "report_ref", "person_source_id", "person_ref", "category", "person", "absence",
        "cause", "causes", "errors"]  # fmt: skip
# The supplier code of the publisher of official statistics.
PUBLISHER = "DFE"


def month_number(day: int) -> int:
    """Return the number of months from 1970 to a day."""
    return int(np.datetime64(day, "D").astype("datetime64[M]").astype(int))


def _convert_to_date(day: int) -> date:
    return EPOCH + timedelta(days=day)


def _draw_receipt_time(generator: np.random.Generator, day: date) -> datetime:
    return receipt_time(day, int(generator.integers(7, 19)), int(generator.integers(0, 60)))


class PolicePost:
    """The deliveries of all police forces, one for each force and month."""

    def __init__(
        self, nation: Nation, inbox: Inbox, nominals: pd.DataFrame, reports: pd.DataFrame
    ) -> None:
        self.nation, self.inbox, self.nominals = nation, inbox, nominals
        is_sent = reports["force"].isin(set(nation.geography.forces))
        is_held = reports["lost_cause"] == ""
        self.left_out = reports.loc[is_sent & ~is_held, ["absence", "lost_cause"]]
        self.all_reports = joined_reports(nominals, reports[is_sent & is_held])
        ref = self.all_reports["person_ref"]
        no_ref = "report:" + self.all_reports["report_ref"]
        self.all_reports["person_source_id"] = ref.where(ref != "", no_ref)
        self.missing: list[Key] = []
        self._is_delivered = np.zeros((2, len(self.all_reports)), dtype=bool)

    def deliver(self) -> pd.DataFrame:
        """Write all months; return the reports that were delivered at least once.

        `is_only_resubmitted` marks reports that only a later version of a delivery contains.
        """
        plan = self.nation.plan
        generator = random_stream(plan.seed, "police post")
        opening = month_number(year_start(plan.first_year))
        closing = month_number(year_start(plan.years[-1] + 1) - 1)
        count = self.all_reports["force"].nunique() * (closing - opening + 1)
        never = set(
            choose_members(generator, np.arange(count), plan.rates.missing_delivery).tolist()
        )
        months = monthly(self.all_reports, opening, closing)
        for number, (force, month, rows) in enumerate(months):
            draw = generator.random(3)
            key = ("police_reports", force, month_text(month))
            if not len(rows):
                continue
            end = _convert_to_date(
                int(np.datetime64(month + 1, "M").astype("datetime64[D]").astype(int))
            )
            if end > plan.as_of:
                continue  # this month is not over, so no file is due
            if number in never:
                self.missing.append(key)
                continue
            late = int(generator.integers(25, 80)) if draw[0] < plan.rates.late_delivery else 0
            day = end + timedelta(days=int(generator.integers(1, 9)) + late)
            self._send(key, rows, _draw_receipt_time(generator, day), draw[1], is_zip=draw[2] < 0.1)
        first, again = self._is_delivered
        if not plan.has_dirty_deliveries:
            self.all_reports = self.all_reports[KEPT]
        delivered = self.all_reports.assign(is_only_resubmitted=~first)
        return delivered[first | again].reset_index(drop=True)

    def _send(
        self, key: Key, rows: pd.DataFrame, when: datetime, draw: float, *, is_zip: bool
    ) -> None:
        """Send a month; some months are first sent incomplete, and in full a fortnight later."""
        month = month_number((date.fromisoformat(f"{key[2]}-01") - EPOCH).days)
        later = when + timedelta(days=14)
        again = draw < self.nation.plan.rates.resubmission and later <= self.inbox.as_of
        again = again and len(rows) > 9
        first = rows.iloc[np.arange(len(rows)) % 9 != 4] if again else rows
        end = int(np.datetime64(month + 1, "M").astype("datetime64[D]").astype(int))
        form = written_form(self.nation.plan, key[1], end)
        files = police_files(key[1], month, first, form)
        if self.inbox.deliver(Delivery(*key, files, when, is_zip)):
            self._is_delivered[0, first.index.to_numpy()] = True
        if again:
            files = police_files(key[1], month, rows, form)
            self.inbox.resubmit(Delivery(*key, files, later, is_zip))
            self._is_delivered[1, rows.index.to_numpy()] = True


class AuthorityPost:
    """The deliveries of all authorities: extracts and returns."""

    def __init__(
        self, nation: Nation, inbox: Inbox, records: AuthorityRecords, reports: pd.DataFrame
    ) -> None:
        self.nation, self.inbox, self.records = nation, inbox, records
        self.tables = ExtractTables(nation, records, reports)
        self.returns: dict[int, list[Return]] = {}
        self.missing: list[Key] = []
        self._planted: list[pd.DataFrame] = []
        self._valid_from = nation.geography.places["valid_from"].to_numpy(dtype=object)

    def deliver(self) -> pd.DataFrame:
        """Write all extracts and returns; return the truth of the returns' rows about absences.

        Also marks in the records which rows an extract delivered, and why the others were not
        delivered.
        """
        generator = random_stream(self.nation.plan.seed, "authority post")
        place = self.records.missing["place"].to_numpy()
        known = self.records.missing["known_day"].to_numpy()
        reach = np.full(len(self.nation.geography.places), -1)
        for index in self.nation.geography.simulated.tolist():
            reach[index] = self._extracts(generator, index)
        delivered = known <= reach[place]
        self.records.missing["is_delivered"] = delivered
        self.records.missing["lost_cause"] = self._lost_causes(reach[place])
        if not self.nation.plan.has_dirty_deliveries:
            del self.tables  # only bad deliveries need the tables again
        tables = ReturnTables(self.nation, self.records)
        returned = []
        for year in self.nation.plan.years:
            for index in self.nation.geography.simulated.tolist():
                returned += self._send_return(generator, tables, index, year)
        return pd.concat(returned, ignore_index=True).drop_duplicates(
            ["supplier_code", "source_id"], ignore_index=True
        )

    def _lost_causes(self, reach: Integers) -> Texts:
        """Return why no extract delivered a record.

        The cause is D11 or D12 if an extract covers the start of the absence, but not its late
        entry or amendment. Otherwise it is D18.
        """
        errors = self.records.missing["errors"]
        in_reach = self.records.missing["true_start"] // DAY <= reach
        late, amended = errors == "late_entry", errors == "amended_after_year_end"
        return np.select([in_reach & late, in_reach & amended], ["D11", "D12"], "D18")

    def periods(self) -> list[tuple[str, int]]:
        """Return the extract periods due by `as_of`, each with its last day."""
        plan = self.nation.plan
        periods = []
        for year in range(plan.first_year, plan.as_of.year + 1):
            for quarter, (month, day) in enumerate(((3, 31), (6, 30), (9, 30), (12, 31)), start=1):
                end = date(year, month, day)
                first = date(plan.first_year, 4, 1)
                too_late = end > min(
                    date(plan.years[-1] + 1, 9, 30), plan.as_of - timedelta(days=30)
                )
                is_due = plan.extract_frequency == "quarterly" or quarter == 3
                if end > first and not too_late and is_due:
                    periods.append((f"{year}-Q{quarter}", (end - EPOCH).days))
        return periods

    def _extracts(self, generator: np.random.Generator, place: int) -> int:
        """Send a place's extracts; return the last day that they cover (-1: no extract)."""
        plan = self.nation.plan
        code = self.nation.authority_code(place)
        valid_from = self._valid_from[place]
        reach = -1
        for period, day in self.periods():
            draw = generator.random(3)
            key = ("authority_extract", code, period)
            if _convert_to_date(day).isoformat() < valid_from:
                continue
            if draw[0] < plan.rates.missing_delivery:
                self.missing.append(key)
                continue
            late = int(generator.integers(30, 60)) if draw[1] < plan.rates.late_delivery else 0
            when = _draw_receipt_time(
                generator,
                _convert_to_date(day) + timedelta(days=int(generator.integers(3, 20)) + late),
            )
            when += extract_lag(plan, code, period)
            if when > self.inbox.as_of:
                continue
            extracted = when.strftime("%Y-%m-%dT%H:%M:%S")
            files = self.tables.build_files(place, day, extracted)
            if self.inbox.deliver(Delivery(*key, files, when, is_zip=bool(draw[2] < 0.2))):
                reach = day
        return reach

    def _send_return(
        self, generator: np.random.Generator, tables: ReturnTables, place: int, year: int
    ) -> list[pd.DataFrame]:
        plan = self.nation.plan
        code = self.nation.authority_code(place)
        draw = generator.random(3)
        when = _draw_receipt_time(
            generator, date(year + 1, 6, 5) + timedelta(days=int(generator.integers(0, 45)))
        )
        statutory_return = tables.cut_return(place, year)
        key = ("authority_return", code, collection_year(year))
        if f"{year}-04-01" < self._valid_from[place]:
            return []  # the predecessor authority made the return for this year
        if when > self.inbox.as_of:
            return []  # the return is not due yet
        if statutory_return is None or draw[0] < plan.rates.missing_delivery:
            self.missing.append(key)
            return []
        number = int(np.flatnonzero(self.nation.geography.simulated == place)[0])
        if plan.has_dirty_deliveries:
            self._planted.append(
                add_failing_rows(statutory_return, self.returns.get(place, []), number, code)
            )
        write = return_xml_files if number % 3 == 1 else return_csv_files
        sent = self.inbox.deliver(
            Delivery(*key, write(statutory_return), when, is_zip=bool(draw[2] < 0.3))
        )
        if not sent:
            return []
        delivered = statutory_return if plan.has_dirty_deliveries else statutory_return.counted()
        self.returns.setdefault(place, []).append(delivered)
        truth_tables = [
            self._return_truth(statutory_return, code).assign(is_only_resubmitted=False)
        ]
        later = when + timedelta(days=90)
        if draw[1] < plan.rates.resubmission * 2 and later <= self.inbox.as_of:
            amended = tables.cut_return(place, year, is_amended=True)
            if amended is not None:
                self.inbox.resubmit(Delivery(*key, write(amended), later))
                truth_tables.append(
                    self._return_truth(amended, code).assign(is_only_resubmitted=True)
                )
        return truth_tables

    def _return_truth(self, statutory_return: Return, code: str) -> pd.DataFrame:
        rows = statutory_return.missing[statutory_return.missing["_absence"] >= 0]
        frame = pd.DataFrame({"feed": "authority_return", "supplier_code": code}, index=rows.index)
        frame["source_id"] = rows["CHILD"] + "|" + rows["MIS_START"] + "|" + rows["MISSING"]
        frame["person_source_id"] = rows["CHILD"]
        absence = rows["_absence"].to_numpy(dtype=np.int64)
        recorded = self.records.missing.set_index("absence").reindex(absence)
        frame["person_id"], frame["absence_id"] = (
            recorded["person"].to_numpy(dtype=np.int64),
            absence,
        )
        for column in ("cause", "causes", "errors"):
            frame[column] = recorded[column].to_numpy(dtype=object)
        return frame

    @property
    def planted(self) -> pd.DataFrame:
        """Return every row that was added to a return to fail a rule."""
        return pd.concat(self._planted, ignore_index=True) if self._planted else pd.DataFrame()


class StatisticsPost:
    """The publication of each year's official statistics in November."""

    def __init__(self, nation: Nation, inbox: Inbox, returns: dict[int, list[Return]]) -> None:
        self.nation, self.inbox, self.returns = nation, inbox, returns

    def deliver(self) -> None:
        """Write one release for each year; a release also has the figures of the years before."""
        for year in self.nation.plan.years:
            past_returns = [
                item for items in self.returns.values() for item in items if item.year <= year
            ]
            if not past_returns:
                continue
            files = release_files(self.nation, past_returns)
            when = datetime(year + 1, 11, 19, 9, 30, tzinfo=UTC)
            self.inbox.deliver(
                Delivery("published_statistics", PUBLISHER, str(year + 1), files, when)
            )
