"""An invented year of the whole nation's episodes, and the cells of all files that count them.

The sizes of authorities and the numbers of episodes per child are skewed as in the department's
tables. Most children go missing once, a few go dozens of times, and some authorities have only ten
children. The simulation is not used, since it makes deliveries and this module makes counts.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa

from benchmarks.publication.cells import COUNTED, count_cells, create_tables
from official_statistics import condition_table, data_set_named
from register.settings import PROJECT_ROOT

YEAR = 2026
# The share of its episodes that an authority withdraws when it corrects a year.
WITHDRAWN = 0.03
# The code of a column that does not apply to the episode.
NONE = "none"
# The shares of the codes of each column of the base.
SHARES = {
    "age_group": {"under_10": 0.03, "10_to_15": 0.46, "16_and_17": 0.508, "unknown": 0.002},
    "sex": {"female": 0.46, "male": 0.535, "unknown": 0.005},
    "ethnicity_major": {
        "white": 0.66,
        "mixed": 0.1,
        "asian": 0.05,
        "black": 0.09,
        "other": 0.04,
        "unknown": 0.06,
    },
    "placement": {
        "foster": 0.28,
        "childrens_home": 0.36,
        "independent": 0.25,
        "parents": 0.02,
        "other": 0.06,
        "unknown": 0.03,
    },
    "boundary": {"inside": 0.55, "outside": 0.42, "unknown": 0.03},
    # Only for episodes that the police recorded as missing.
    "police_risk_level": {"high": 0.26, "medium": 0.58, "low": 0.15, "unknown": 0.01},
    "duration_band": {
        "under_1_day": 0.72,
        "1_to_2_days": 0.15,
        "3_to_7_days": 0.06,
        "8_to_10_days": 0.015,
        "11_to_15_days": 0.012,
        "16_to_20_days": 0.008,
        "21_to_30_days": 0.007,
        "over_30_days": 0.006,
        "unknown": 0.022,
    },
    "outcome": {
        "found_safe": 0.5,
        "harmed": 0.03,
        "died": 0.002,
        "still_missing": 0.008,
        "found": 0.43,
        "unknown": 0.03,
    },
    "legal_status": {
        "care_order": 0.62,
        "placement_order": 0.02,
        "accommodated": 0.3,
        "protection": 0.02,
        "youth_justice": 0.02,
        "unknown": 0.02,
    },
    "unaccompanied": {"yes": 0.04, "no": 0.96},
    "trafficking_risk": {"yes": 0.03, "no": 0.9, "unknown": 0.07},
}
# For episodes of one source: the share whose category code no code map contains.
ENDS = ("lower", "upper")
NOT_KNOWN = 0.01


def national_year(  # noqa: PLR0913, PLR0917 - what a year is made of
    seed: int,
    children: int = 71_000,
    authorities: Sequence[str] = (),
    data_sets: Sequence[str] = COUNTED,
    corrected: Sequence[str] = (),
    year: int = YEAR,
) -> pa.Table:
    """Make the cells of one year, in the form that `official_statistics.protection.protect` takes.

    If authorities or data sets are given, only these are made. Authorities in `corrected` have
    withdrawn some of their episodes, as a later release would count them.
    """
    random = np.random.default_rng(seed)
    connection = duckdb.connect()
    connection.execute("set threads = 1")
    chosen = [
        each for each in _authorities() if each["authority"] in authorities or not authorities
    ]
    connection.register("authorities", pa.Table.from_pylist(chosen))
    episodes = _draw_episodes(random, chosen, children, year)
    is_kept = random.random(episodes.num_rows) >= WITHDRAWN
    is_kept |= ~np.isin(episodes["authority"].to_numpy(zero_copy_only=False), list(corrected))
    connection.register("episodes", episodes.filter(pa.array(is_kept)))
    create_tables(connection)
    return pa.concat_tables([count_cells(connection, name) for name in data_sets])


def nation_authorities() -> list[str]:
    """Return the codes of all authorities, in the order of the look-up table."""
    return [each["authority"] for each in _authorities()]


def _authorities() -> list[dict[str, Any]]:
    with (PROJECT_ROOT / "seeds" / "ref__authorities.csv").open(encoding="utf-8") as stream:
        rows = [row for row in csv.DictReader(stream) if not row["valid_to"]]
    return [
        {
            "authority": row["authority_code_dfe"],
            "region": row["region_code_ons"],
            "force": row["police_force_code"],
        }
        for row in rows
    ]


def _draw_episodes(
    random: np.random.Generator, authorities: list[dict[str, Any]], children: int, year: int
) -> pa.Table:
    """Return the episodes, one row for each.

    Every child has one sex, ethnicity and age, and usually one care status.
    """
    weight = random.lognormal(0.0, 1.1, len(authorities))
    weight[:2] *= 0.05
    home = random.choice(len(authorities), children, p=weight / weight.sum())
    count = 1 + random.negative_binomial(0.28, 0.28 / (0.28 + 2.22), children)
    child = np.repeat(np.arange(children), count)
    size = len(child)
    looked_after = random.random(children) < random.beta(6, 6, len(authorities))[home]
    cared = np.where(random.random(size) < 0.97, looked_after[child], ~looked_after[child])
    moved = random.random(size) < 0.02
    place = np.where(moved, random.integers(0, len(authorities), size), home[child])
    away = random.random(size) < (random.beta(0.2, 3, len(authorities))[place] * cared)
    alone = random.beta(0.3, 8, len(authorities))[place]
    source = np.where(random.random(size) < alone, 2, random.choice(2, size, p=[0.36, 0.64]))
    source[away & (source == 1)] = 2
    is_expected, is_weak = random.random(size) < 0.7, random.random(size) < 0.1
    columns: dict[str, Any] = {
        "year": np.full(size, year),
        "child": child,
        "authority": np.array([each["authority"] for each in authorities])[place],
        "care_status": np.where(cared, "looked_after", "not_looked_after"),
        "source_status": np.array(["both", "police_only", "authority_only"])[source],
        "is_weak": is_weak,
        "is_expected_both": np.where(is_expected, "yes", "no"),
        "duration_band": _draw(random, "duration_band", size),
    }
    is_missing = random.random(size) < 0.93
    # Each of these has a generator of its own, so that a change of it leaves the others alone.
    of_hours, of_categories, of_circumstances = random.spawn(3)
    columns |= _draw_hours(of_hours, columns["duration_band"])
    columns |= _draw_categories(of_categories, source, away, is_missing)
    reasons = _codes_of("reason_code")
    reason = random.choice(reasons, size, p=_falling(len(reasons)))
    columns["reason_code"] = np.where(source == 0, NONE, reason)
    for name in ("age_group", "sex", "ethnicity_major"):
        columns[name] = _draw(random, name, children)[child]
    for name in ("placement", "boundary"):
        columns[name] = np.where(cared, _draw(random, name, size), NONE)
    recorded, same = source != 2, random.random(size) < 0.88
    forces = np.array(sorted({each["force"] for each in authorities}))
    own = np.array([each["force"] for each in authorities])[place]
    force = np.where(same, own, random.choice(forces, size))
    columns["force"] = np.where(recorded, force, NONE)
    columns["same_area"] = np.where(recorded, np.where(force == own, "yes", "no"), NONE)
    columns |= _draw_interviews(random, size)
    random = of_circumstances
    columns["start_month"] = random.choice(_codes_of("start_month"), size)
    columns["outcome"] = _draw(random, "outcome", size)
    columns["legal_status"] = np.where(cared, _draw(random, "legal_status", size), NONE)
    columns["unaccompanied"] = _draw(random, "unaccompanied", children)[child]
    columns["trafficking_risk"] = np.where(recorded, _draw(random, "trafficking_risk", size), NONE)
    return pa.table(columns)


def _draw(random: np.random.Generator, column: str, size: int) -> np.ndarray:
    """Return codes of a column, as many as `size`."""
    shares = SHARES[column]
    return random.choice(list(shares), size, p=list(shares.values()))


def _codes_of(column: str) -> list[str]:
    """Return all codes of a column that a condition of the release names, in alphabetical order."""
    return sorted(set(condition_table()[column].drop_null().to_pylist()))


def _draw_interviews(random: np.random.Generator, size: int) -> dict[str, np.ndarray]:
    """Return the answers about return interviews: accepted if offered, and in time if held."""
    answers = {}
    for name, share in {
        "offered": 0.8,
        "accepted": 0.7,
        "held": 0.6,
        "within_72_hours": 0.75,
    }.items():
        shares = [share, (1 - share) * 0.7, (1 - share) * 0.3]
        answers[f"interview_{name}"] = random.choice(["yes", "no", "unknown"], size, p=shares)
    for name, before in {"accepted": "offered", "within_72_hours": "held"}.items():
        applies = answers[f"interview_{before}"] == "yes"
        answers[f"interview_{name}"] = np.where(applies, answers[f"interview_{name}"], NONE)
    return answers


def _draw_hours(random: np.random.Generator, days: np.ndarray) -> dict[str, np.ndarray]:
    """Return each episode's band of hours, and whether it lasted over 24 hours, at both ends.

    An episode of under a day lasted up to 24 hours.
    """
    by_area = data_set_named("missing_children_by_area")
    lower, upper = (
        by_area.get_indicator(f"over_24_hours_count_{end}").same_as["hours_band"] for end in ENDS
    )
    up_to = [each for each in _codes_of("hours_band") if each not in upper]
    unknown = [each for each in upper if each not in lower]
    known = np.where(
        days == "under_1_day",
        random.choice(up_to, len(days), p=_falling(len(up_to))),
        random.choice(lower, len(days), p=_falling(len(lower))),
    )
    band = np.where(days == "unknown", random.choice(unknown, len(days)), known)
    over = {
        f"over_24_hours_{end}": np.where(np.isin(band, codes), "yes", "no")
        for end, codes in zip(ENDS, (lower, upper), strict=True)
    }
    return {"hours_band": band, **over}


def _draw_categories(
    random: np.random.Generator, source: np.ndarray, away: np.ndarray, is_missing: np.ndarray
) -> dict[str, np.ndarray]:
    """Return the counted category, the category of each source and the risk level of the police.

    The authority's category is counted if the authority recorded the episode; otherwise the
    police's category is counted.
    """
    size = len(source)
    is_known = random.random(size) >= NOT_KNOWN
    by_police, alone = source != 2, source == 1
    police = np.where(is_missing, "missing", "no_apparent_risk")
    authority = np.where(away, "away", "missing")
    category = np.where(alone & ~is_missing, "no_apparent_risk", authority)
    level = np.where(is_missing, _draw(random, "police_risk_level", size), "no_apparent")
    return {
        "absence_category": np.where((source != 0) & ~is_known, "not_known", category),
        "category_police": np.where(by_police & is_known, police, NONE),
        "category_authority": np.where(alone | ((source == 2) & ~is_known), NONE, authority),
        "police_risk_level": np.where(by_police & is_known, level, NONE),
    }


def _falling(size: int) -> np.ndarray:
    shares = 0.75 ** np.arange(size)
    return shares / shares.sum()
