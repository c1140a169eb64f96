"""The one true reason of each absence that its two sources tell differently, or one does not tell.

A reason is where something went wrong in the simulation, never what can be seen of it: the
register's reasons are compared with it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from register.simulation.draws import Flags, Integers, Texts, first_code, joined

# Of several true reasons why two delivered versions differ, the first is the primary one: first
# what counts, then what is said of it, then of whom.
DIFFERENCE_ORDER = ("D9", "D2", "D8", "D7", "D11", "D6", "D15", "D14", "D13")
LOST_ORDER = ("D17", "D15", "D12", "D11", "D18")


@dataclass(frozen=True)
class Holding:
    """What one source delivered of the absences, by absence.

    `first`: in a delivery as first sent; `later`: in a resubmission alone. `lost`: absence and
    cause of what the source was told of and did not deliver.
    """

    first: Integers
    later: Integers
    lost: pd.DataFrame


def flags_of(count: int, members: Integers) -> Flags:
    """Which of `count` absences are among the members."""
    found = np.zeros(count, dtype=bool)
    found[members] = True
    return found


def omission_causes(holding: Holding, told: Flags, untold_cause: Texts) -> Texts:
    """Why a source lacks each absence; empty where it delivered it."""
    count = len(told)
    first, later = flags_of(count, holding.first), flags_of(count, holding.later)
    lost = np.full(count, "", dtype=object)
    for cause in reversed(LOST_ORDER):
        rows = holding.lost.loc[holding.lost["cause"] == cause, "absence"]
        lost[rows.to_numpy(dtype=np.int64)] = cause
    conditions = [first, later, lost != "", told]
    return np.select(conditions, ["", "D12", lost, "D11"], untold_cause).astype(object)


def difference_causes(records: pd.DataFrame, is_missing: Flags) -> Texts:
    """Why the versions of the two sources differ, `|`-joined in `DIFFERENCE_ORDER`.

    `records` has absence_id, causes, errors and, of police reports alone, category; `is_missing`
    says of each absence whether the authority calls it missing. Late entry and amendment change
    no version of an absence that both deliver; a category differs where the gravest does.
    """
    count = len(is_missing)
    absence = records["absence_id"].to_numpy(dtype=np.int64)
    codes = {
        code: flags_of(count, absence[_has(records["causes"], code)])
        for code in DIFFERENCE_ORDER
        if code not in ("D2", "D11")
    }
    called = flags_of(count, absence[(records["category"] == "missing").to_numpy(dtype=bool)])
    codes["D2"] = called != is_missing
    codes["D11"] = flags_of(count, absence[_has(records["errors"], "open_record")])
    return joined({code: codes[code] for code in DIFFERENCE_ORDER}, count)


def _has(texts: pd.Series, word: str) -> Flags:
    codes, values = pd.factorize(texts)
    has = np.array([word in str(value).split("|") for value in values], dtype=bool)
    return np.asarray(has[codes], dtype=bool) if len(has) else np.zeros(len(texts), dtype=bool)


def primary_cause(
    police: Flags, authority: Flags, omissions: tuple[Texts, Texts], differences: Texts
) -> Texts:
    """The one reason: of the omission where one source lacks it, else of the difference.

    `omissions` are the police's and the authority's causes. Empty where neither has the absence,
    or both tell it alike.
    """
    police_cause, authority_cause = omissions
    found = np.select(
        [police & authority, police, authority],
        [first_code(differences, DIFFERENCE_ORDER), authority_cause, police_cause],
        "",
    )
    return found.astype(object)
