"""Reports as absences and episodes: merged by feed, then matched one to one by least distance."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import groupby
from typing import Any

from tests.second_path.files import london, london_day
from tests.second_path.reports import (
    LAST,
    Report,
    Taken,
    can_be,
    eighteenth_birthday,
    is_child,
    seed,
)


@dataclass(frozen=True)
class Absence:
    """Reports of one child read as one time away."""

    name: tuple[str, str, str]
    child: str
    reports: tuple[Report, ...]

    @property
    def start_lower(self) -> datetime:
        """The earliest start that any report allows."""
        return min(report.start.lower for report in self.reports)

    @property
    def start_upper(self) -> datetime:
        """The latest moment by which it had begun."""
        return min(report.start.upper for report in self.reports)

    @property
    def is_missing(self) -> bool:
        """Whether any report says missing, and not away."""
        return any(report.category == "missing" for report in self.reports)

    @property
    def is_open(self) -> bool:
        """Whether a report without an end starts at or after the last end that is known."""
        ends = [report.end.lower for report in self.reports if report.end]
        opened = [report.start.lower for report in self.reports if not report.end]
        return not ends or (bool(opened) and max(opened) >= max(ends))

    @property
    def end_lower(self) -> datetime:
        """The last end, read early."""
        return max(report.end.lower for report in self.reports if report.end)

    @property
    def end_upper(self) -> datetime:
        """The last end, read late."""
        return max(report.end.upper for report in self.reports if report.end)


def absences_of_feed(reports: Iterable[Report]) -> list[Absence]:
    """Reports of one feed that overlap, or lie within the tolerance of their source, are one.

    A date reaches to the end of its day and no further.
    """
    tolerance = {
        row["source"]: timedelta(**{row["unit"]: float(row["tolerance"])})
        for row in seed("ref__merge_tolerances")
    }
    absences: list[Absence] = []

    def place(report: Report) -> tuple[Any, ...]:
        return report.child, report.feed, report.start.lower, report.key

    for _, group in groupby(sorted(reports, key=place), lambda each: (each.child, each.feed)):
        reach = datetime.min  # noqa: DTZ901
        together: list[Report] = []
        for report in group:
            if together and report.start.lower > reach:
                absences.append(_absence(together))
                together = []
            together.append(report)
            if report.end and report.end.is_date:
                until = report.end.lower - timedelta(seconds=1)
            elif not tolerance[report.source] and report.end:
                # Starting again in the minute of a return is a new absence.
                until = max(report.start.lower, report.end.lower - timedelta(seconds=1))
            else:
                until = (report.end or report.start).lower + tolerance[report.source]
            reach = max(reach, until)
        absences.append(_absence(together))
    return absences


def _absence(reports: Iterable[Report]) -> Absence:
    found = tuple(sorted(reports, key=lambda each: each.key))
    return Absence(found[0].key, found[0].child, found)


@dataclass(frozen=True)
class Pair:
    """Two absences of one child in two feeds or sources that may be the same; hours."""

    left: int
    right: int
    cost: float
    is_certain: bool


class Matching:
    """One-to-one matching of two sides of absences by least distance, as the seeds weigh it."""

    def __init__(self, lefts: list[Absence], rights: list[Absence], taken: Taken,
                 delays: dict[str, float]) -> None:  # fmt: skip
        values = {r["parameter_code"]: float(r["value"]) for r in seed("ref__episode_parameters")}
        self.unmatched, self.certain = values["unmatched_cost"], values["certain_cost"]
        self.weight, self.category_cost = values["nearness_weight"], values["category_cost"]
        self.sides = (lefts, rights)
        self.delays = delays
        self.ends = [self._ends(side, taken) for side in self.sides]

    @staticmethod
    def _ends(side: list[Absence], taken: Taken) -> list[tuple[datetime, datetime]]:
        """Until when each may overlap, and until when it surely does.

        An open one may last until the next of its side begins or the child is 18.
        """
        starts: dict[str, list[tuple[datetime, Any]]] = defaultdict(list)
        for absence in side:
            starts[absence.child].append((absence.start_lower, absence.name))
        for found in starts.values():
            found.sort()
        ends = []
        for absence in side:
            if not absence.is_open:
                ends.append((absence.end_upper, absence.end_lower))
                continue
            own = starts[absence.child]
            after = own[own.index((absence.start_lower, absence.name)) + 1 :]
            born = taken.birth_dates.get(absence.child)
            adult = (
                datetime.combine(eighteenth_birthday(born), datetime.min.time()) if born else LAST
            )
            ends.append((min(after[0][0] if after else LAST, adult), absence.start_upper))
        return ends

    def pairs(self) -> Iterator[Pair]:
        """Every pair of one child that may be matched, with what matching it costs."""
        by_child: dict[str, list[int]] = defaultdict(list)
        for place, absence in enumerate(self.sides[1]):
            by_child[absence.child].append(place)
        for left, absence in enumerate(self.sides[0]):
            for right in by_child[absence.child]:
                if pair := self._pair(left, right):
                    yield pair

    def _pair(self, left: int, right: int) -> Pair | None:
        one, other = self.sides[0][left], self.sides[1][right]
        (one_may, one_surely), (other_may, other_surely) = self.ends[0][left], self.ends[1][right]
        delay = max(
            self._delay(one) if one.start_upper >= other.start_lower else 0.0,
            self._delay(other) if other.start_upper >= one.start_lower else 0.0,
        )
        gap = _apart((one.start_lower, one_may), (other.start_lower, other_may))
        starts = _apart((one.start_lower, one.start_upper), (other.start_lower, other.start_upper))
        is_open = one.is_open or other.is_open
        ends = 0.0
        if not is_open:
            ends = _apart((one.end_lower, one.end_upper), (other.end_lower, other.end_upper))
        if gap > delay or (is_open and starts > self.unmatched + delay):
            return None
        surely = min(one_surely, other_surely)
        is_certain = max(one.start_upper, other.start_upper) < surely
        between = abs(_hours(one.start_lower, other.start_lower)) * self.weight
        between += self.category_cost if one.is_missing != other.is_missing else 0.0
        cost = starts + ends + between
        within = max(starts - delay, 0) + max(ends - delay, 0) + between
        if (is_certain or cost < self.unmatched) and cost > self.certain:
            above = cost - self.certain
            room = self.unmatched - self.certain
            cost = self.certain + room * above / (above + self.unmatched)
        if within < self.unmatched:
            cost = min(cost, within)
        return Pair(left, right, cost, is_certain)

    def _delay(self, absence: Absence) -> float:
        return max(self.delays.get(report.supplier, 0.0) for report in absence.reports)

    def groups(self) -> list[list[Absence]]:
        """The absences of both sides that are one, in lists; every absence is in one list."""
        pairs = list(self.pairs())
        partner = _least_cost(
            [pair for pair in pairs if pair.cost < self.unmatched], self.unmatched
        )
        group_of: tuple[dict[int, int], dict[int, int]] = (
            {left: left for left in partner},
            {right: left for left, right in partner.items()},
        )
        attached: tuple[dict[int, int], dict[int, int]] = ({}, {})
        for side in (0, 1):
            nearest: dict[int, tuple[float, int]] = {}
            for pair in pairs:
                own, other = (pair.left, pair.right) if side == 0 else (pair.right, pair.left)
                if pair.is_certain and own not in group_of[side] and other in group_of[1 - side]:
                    nearest[own] = min(nearest.get(own, (LAST.timestamp(), -1)), (pair.cost, other))
            attached[side].update(
                {own: group_of[1 - side][other] for own, (_, other) in nearest.items()}
            )
        members: dict[Any, list[Absence]] = defaultdict(list)
        for side in (0, 1):
            for place, absence in enumerate(self.sides[side]):
                known = group_of[side].get(place, attached[side].get(place))
                members[("group", known) if known is not None else (side, place)].append(absence)
        return list(members.values())


def _hours(first: datetime, last: datetime) -> float:
    return (last - first).total_seconds() / 3600


def _apart(one: tuple[datetime, datetime], other: tuple[datetime, datetime]) -> float:
    return max(0.0, _hours(one[1], other[0]), _hours(other[1], one[0]))


def _least_cost(pairs: list[Pair], unmatched: float) -> dict[int, int]:
    """The matching of least cost, by trying each choice of one child's absences in turn.

    Leaving a left absence unmatched costs `unmatched`; right ones cost nothing.
    """
    partner: dict[int, int] = {}
    for component in _components(pairs):
        choices: dict[int, list[Pair]] = defaultdict(list)
        for pair in component:
            choices[pair.left].append(pair)
        best: dict[frozenset[int], tuple[float, tuple[tuple[int, int], ...]]] = {
            frozenset(): (0.0, ())
        }
        for left, options in sorted(choices.items()):
            following: dict[frozenset[int], tuple[float, tuple[tuple[int, int], ...]]] = {}
            for used, (cost, chosen) in best.items():
                tries = [(used, cost + unmatched, chosen)]
                tries += [
                    (used | {pair.right}, cost + pair.cost, (*chosen, (left, pair.right)))
                    for pair in options
                    if pair.right not in used
                ]
                for state, total, matched in tries:
                    if state not in following or total < following[state][0]:
                        following[state] = (total, matched)
            best = following
        partner.update(min(best.values())[1])
    return partner


def _components(pairs: list[Pair]) -> list[list[Pair]]:
    """Pairs that share an absence, directly or through others."""
    leader: dict[tuple[str, int], tuple[str, int]] = {}

    def find(node: tuple[str, int]) -> tuple[str, int]:
        while leader.setdefault(node, node) != node:
            node = leader[node]
        return node

    for pair in pairs:
        leader[find(("left", pair.left))] = find(("right", pair.right))
    together: dict[tuple[str, int], list[Pair]] = defaultdict(list)
    for pair in pairs:
        together[find(("left", pair.left))].append(pair)
    return list(together.values())


@dataclass(frozen=True)
class Episode:
    """One absence with every report of it."""

    child: str
    reports: tuple[Report, ...]

    @property
    def start_day(self) -> date:
        """The earliest day on which any report says that it started."""
        return min(london_day(report.start.lower) for report in self.reports if report.start)

    @property
    def collection_year(self) -> str:
        """1 April to 31 March, by the day of the start."""
        day = self.start_day
        first = day.year if (day.month, day.day) >= (4, 1) else day.year - 1
        return f"{first}-{(first + 1) % 100:02d}"

    @property
    def source_status(self) -> str:
        """Who reported it."""
        sources = {report.source for report in self.reports}
        return "both" if len(sources) == 2 else f"{next(iter(sources))}_only"


Shown = dict[str, tuple[float, bool, bool]]


def shown_delays(absences: Iterable[Absence]) -> Shown:
    """Hours by which suppliers are behind the police, whether late, and whether that is evident.

    Each absence of an authority is behind the last police start of its child and ahead of the
    next. What is more often behind than ahead, up to a number of hours, is delay.
    """
    numbers = {row["threshold_code"]: float(row["value"]) for row in seed("ref__reason_thresholds")}
    few = {row["parameter_code"]: float(row["value"]) for row in seed("ref__episode_parameters")}
    found = {}
    for supplier, pairs in _lags(absences).items():
        near = sorted(pair for pair in pairs if pair[0] <= numbers["entry_delay_most_hours"])
        curve, excess = [(-1.0, 0, 0)], 0
        for lag, tied in groupby(near, key=lambda pair: pair[0]):
            excess += sum(direction for _, direction in tied)
            curve.append((lag, excess, sum(other <= lag for other, _ in near)))
        most, least = max(point[1] for point in curve), min(point[1] for point in curve)
        compared = min(count for _, excess, count in curve if excess == most)
        is_shown = most**2 >= numbers["entry_delay_deviance"] * compared
        if most < max(few["late_count"], 1 - least) or not is_shown:
            continue
        typical, tolerance = (
            min(lag for lag, excess, _ in curve if excess >= numbers[name] * most)
            for name in ("entry_delay_typical_share", "entry_delay_tolerance_share")
        )
        is_evident = most**2 >= numbers["break_deviance"] * compared
        found[supplier] = (tolerance, typical > few["late_hours"], is_evident)
    return found


def _lags(absences: Iterable[Absence]) -> dict[str, list[tuple[float, int]]]:
    """Hours behind the last police start of the child (1), and ahead of the next (-1)."""
    of_child: dict[str, list[Absence]] = defaultdict(list)
    for absence in absences:
        of_child[absence.child].append(absence)
    lags: dict[str, list[tuple[float, int]]] = defaultdict(list)
    for own in of_child.values():
        police = [_begun(one) for one in own if one.reports[0].source == "police"]
        for one in own:
            if one.reports[0].source == "police":
                continue
            begun, supplier = _begun(one), one.reports[0].supplier
            if before := [moment for moment in police if moment <= begun]:
                lags[supplier].append((max(_hours(max(before), one.start_lower), 0.0), 1))
            if after := [moment for moment in police if moment > begun]:
                lags[supplier].append((_hours(begun, min(after)), -1))
    return lags


def _begun(absence: Absence) -> datetime:
    """The latest moment by which an absence had begun; a midnight is its day."""
    begins = london(absence.start_lower)
    if begins.hour or begins.minute:
        return absence.start_upper
    day_end = (begins + timedelta(days=1)).astimezone(UTC).replace(tzinfo=None)
    return max(absence.start_upper, day_end)


def entry_delays(reports: Iterable[Report], shown: Shown) -> dict[str, float]:
    """Hours by which a supplier may be late because its times say when work was done."""
    numbers = {row["threshold_code"]: float(row["value"]) for row in seed("ref__reason_thresholds")}
    days = next(r for r in seed("ref__merge_tolerances") if r["source"] == "across_administrative")
    starts: dict[str, list[datetime]] = defaultdict(list)
    for report in reports:
        if report.feed == "authority_extract" and report.start and not report.start.is_date:
            starts[report.supplier].append(report.start.lower)
    found = {name: delay for name, (delay, late, evident) in shown.items() if late and evident}
    for supplier, moments in starts.items():
        if supplier in shown and shown[supplier][2]:
            continue
        local = [london(moment_utc) for moment_utc in moments]
        office = sum(
            numbers["office_opens_hour"] <= each.hour < numbers["office_closes_hour"]
            for each in local
        ) / len(local)  # fmt: skip
        whole = sum(each.minute == 0 for each in local) / len(local)
        if (
            len(local) >= numbers["administrative_start_count"]
            and office >= numbers["administrative_office_share"]
            and whole >= numbers["administrative_whole_hour_share"]
        ):
            delay = float(days["tolerance"]) * 24
            found[supplier] = shown[supplier][0] if supplier in shown else delay
    return found


def episodes_of(reports: Iterable[Report], taken: Taken) -> list[Episode]:
    """Reports of children as episodes: by feed, extract with return, police with authority."""
    birthdays = {
        child: eighteenth_birthday(birth_date) for child, birth_date in taken.birth_dates.items()
    }
    counted = [
        report
        for report in reports
        if is_child(report, birthdays.get(report.child))
        and can_be(report, taken.birth_dates.get(report.child))
    ]
    feeds: dict[str, list[Absence]] = defaultdict(list)
    for absence in absences_of_feed(counted):
        feeds[absence.reports[0].feed].append(absence)
    extracted = {absence.reports[0].supplier for absence in feeds["authority_extract"]}
    returned = [
        absence
        for absence in feeds["authority_return"]
        if absence.reports[0].supplier not in extracted
    ]
    shown = shown_delays([*feeds["police_reports"], *feeds["authority_extract"], *returned])
    delays = entry_delays(counted, shown)
    authority = [
        _absence(report for absence in group for report in absence.reports)
        for group in Matching(
            feeds["authority_extract"], feeds["authority_return"], taken, {}
        ).groups()
    ]
    groups = Matching(feeds["police_reports"], authority, taken, delays).groups()
    return [
        Episode(group[0].child, tuple(report for absence in group for report in absence.reports))
        for group in groups
    ]


def counts(episodes: Iterable[Episode]) -> dict[str, dict[str, int]]:
    """Episodes and children by collection year and who reported."""
    episode_count: Counter[str] = Counter()
    children: dict[str, set[str]] = defaultdict(set)
    for episode in episodes:
        for name in (episode.collection_year, f"{episode.collection_year} {episode.source_status}"):
            episode_count[name] += 1
            children[name].add(episode.child)
    return {
        name: {"episodes": episode_count[name], "children": len(children[name])}
        for name in sorted(episode_count)
    }
