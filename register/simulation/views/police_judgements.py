"""What officers decide and note on a report: category, risk, flags, ethnicity, and their errors."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd

from register.simulation.calendar import DAY, YEAR_DAYS, day_number
from register.simulation.draws import OPEN, Flags, Texts, first_code, hits, joined, pick
from register.simulation.views.person_errors import identity_flags
from register.simulation.world.nation import Nation

# Until then a child at no risk was *absent*; since then everyone is missing, by risk.
ABSENT_UNTIL = day_number(date(2017, 1, 1))
GROUPS = {"W": "white", "M": "black", "A": "asian", "B": "black", "C": "other", "O": "other"}
FLAGS = {"cse": 0.09, "cce": 0.12, "trafficking": 0.03, "mental_health": 0.14, "harm": 0.02}


def judge(
    generator: np.random.Generator, nation: Nation, reports: pd.DataFrame, nominals: pd.DataFrame
) -> None:
    """Add the officers' judgements to reports, and name the errors and causes."""
    absences = nation.absences.iloc[reports["absence"].to_numpy()]
    rates, count = nation.plan.rates, len(reports)
    at_home = ~(absences["is_in_care"] | absences["is_placed_from_outside"]).to_numpy(dtype=bool)
    differs = _categories(generator, nation, reports, absences)
    wrong = hits(generator, rates.wrong_looked_after_flag, count)
    unsure = hits(generator, rates.unknown_looked_after_flag, count) & ~wrong
    flag = np.where(~at_home ^ wrong, "yes", "no")
    reports["is_looked_after"] = np.where(unsure, "unknown", flag)
    hidden = _ethnicities(generator, nation, reports)
    age_only = hits(generator, rates.age_only, count)
    dob = nominals["dob_day"].to_numpy()[reports["nominal"]]
    reports["age"] = ((reports["reported"].to_numpy() // DAY - dob) / YEAR_DAYS).astype(int)
    reports["is_age_only"] = age_only
    no_ref = hits(generator, rates.no_person_ref, count)
    reports["has_person_ref"] = ~no_ref
    for name, share in FLAGS.items():
        weights = {"yes": share, "no": 0.9 - share, "": 0.1}
        reports[f"{name}_flag"] = pick(generator, weights, count)
    reports["is_fatal"] = np.where(hits(generator, 0.0002, count), "yes", "no")
    suffered = nominals["errors"].to_numpy(dtype=object)[reports["nominal"]]
    _name_causes(reports, suffered, differs, wrong | unsure, at_home)
    _name_errors(
        reports,
        wrong_looked_after_flag=wrong,
        unknown_looked_after_flag=unsure,
        unknown_ethnicity=hidden,
        age_only=age_only,
        no_person_ref=no_ref,
    )


def _categories(
    generator: np.random.Generator, nation: Nation, reports: pd.DataFrame, absences: pd.DataFrame
) -> Flags:
    """Category and risk; returns where the category is not the authority's."""
    count = len(reports)
    day = reports["reported"].to_numpy() // DAY
    is_away = (absences["category"] == "A").to_numpy()
    in_both = absences["is_to_authority"].to_numpy(dtype=bool)
    differs = in_both & hits(generator, nation.plan.reporting_rates.category_differs, count)
    at_home = ~absences["is_in_care"].to_numpy(dtype=bool)
    slight = (is_away ^ differs) | (at_home & hits(generator, 0.08, count))
    slight_name = np.where(day < ABSENT_UNTIL, "absent", "no_apparent_risk")
    reports["category"] = np.where(slight, slight_name, "missing")
    weights = {"low": 0.14, "medium": 0.68, "high": 0.17, "unknown": 0.01}
    risk = pick(generator, weights, count)
    risk[slight] = "no_apparent"
    reports["risk_initial"] = risk
    raised = hits(generator, 0.1, count) & (risk == "medium")
    reports["risk_highest"] = np.where(raised, "high", risk)
    reports["risk_final"] = np.where(hits(generator, 0.3, count) & ~slight, "low", risk)
    return np.asarray(differs)


def _ethnicities(generator: np.random.Generator, nation: Nation, reports: pd.DataFrame) -> Flags:
    """Self-defined, officer-defined or unknown; returns where it is unknown."""
    count = len(reports)
    own = nation.persons["ethnicity"].to_numpy(dtype=object)[reports["person"]]
    officer = np.array(
        [f"group_only_{GROUPS.get(text[0], 'unknown')}" for text in own.tolist()], dtype=object
    )
    ethnicity = np.where(hits(generator, 0.22, count), officer, own).astype(object)
    ethnicity[ethnicity == "NOBT"] = "REFU"
    hidden = hits(generator, nation.plan.rates.unknown_ethnicity, count)
    ethnicity[hidden] = ""
    reports["ethnicity"] = ethnicity
    return hidden


def _name_errors(reports: pd.DataFrame, **modes: Flags) -> None:
    for mode, flags in modes.items():
        before = reports["errors"].to_numpy(dtype=object)
        text = np.where(before == "", mode, before + "|" + mode)
        reports["errors"] = np.where(flags, text, before)


def _name_causes(
    reports: pd.DataFrame, errors: Texts, differs: Flags, misjudged: Flags, at_home: Flags
) -> None:
    """The reason codes of what each report has wrong, `|`-joined, and the first of them."""
    unit = reports.pop("unit_cause").to_numpy(dtype=object)
    weak, disputed = identity_flags(errors)
    codes = {
        "D9": unit == "D9",
        "D6": unit == "D6",
        "D11": (reports["found"] == OPEN).to_numpy(),
        "D2": differs,
        "D15": disputed,
        "D13": weak & ~at_home,
        "D14": misjudged & ~at_home,
    }
    reports["causes"] = joined(codes, len(reports))
    reports["cause"] = first_code(reports["causes"].to_numpy(dtype=object), tuple(codes))
