"""The ways in which clerks write dates of birth, addresses and numbers, with typical errors.

Names are in `clerks`. `records` decides which child a record is about.
"""

from __future__ import annotations

from datetime import date, timedelta
from random import Random
from typing import NamedTuple

from simulation.external_validation.parameters import Habits

UPN_CHECKS = "ABCDEFGHJKLMNPQRTUVWXYZ"


class BirthDates(NamedTuple):
    """The date of birth in a record: one or more dates, or the bounds that follow from an age."""

    dates: list[date]
    earliest: date | None
    latest: date | None


def write_birth_date(
    random: Random, habits: Habits, papers: list[date], seen_on: date, is_police: bool
) -> BirthDates:
    """Return the date of birth as recorded: as in the papers, wrong, only an age, or nothing.

    `papers` are the dates stated for the child, the usual date first. A clerk who does not believe
    the first date writes the second.
    """
    rates = habits.rates
    born = papers[0]
    if len(papers) > 1 and random.random() < (0.6 if is_police else 0.35):
        born = papers[1]
    drawn = random.random()
    if is_police and drawn < rates["age_only"]:
        age = max(0, (seen_on - born).days * 100 // 36525)
        age += random.choice((0, 0, 0, 0, 0, 0, 0, 0, -1, 1)) if age > 1 else 0
        return BirthDates([], _years_before(seen_on, age + 1), _years_before(seen_on, age))
    if drawn < rates["age_only"] + rates["no_date"]:
        return BirthDates([], None, None)
    written = [_wrong_date(random, rates, born)]
    if random.random() < rates["second_date"]:
        written.append(_wrong_date(random, rates, random.choice(papers)))
    return BirthDates([min(each, seen_on) for each in dict.fromkeys(written)], None, None)


def _years_before(day: date, years: int) -> date:
    return day.replace(year=day.year - years, day=min(day.day, 28) if day.month == 2 else day.day)


def _wrong_date(random: Random, rates: dict[str, float], born: date) -> date:
    if random.random() < rates["day_month_swapped"] and born.day <= 12:
        return born.replace(month=born.day, day=born.month)
    if random.random() < rates["digit_wrong"]:
        return _one_digit(random, born)
    if random.random() < rates["year_wrong"]:
        years = random.choice((-1, -1, 1, 1, -2, 2, 10, -10))
        year = born.year + years
        if 1995 <= year <= 2024:
            return born.replace(year=year, day=min(born.day, 28))
    if random.random() < rates["default_day"]:
        return born.replace(month=random.choice((1, 1, 7)), day=1)
    return born


def _one_digit(random: Random, born: date) -> date:
    """Return a date with one digit of its day or month changed; if none fits, the next day."""
    text = born.strftime("%d%m")
    for _ in range(20):
        place = random.randrange(4)
        changed = text[:place] + str(random.randint(0, 9)) + text[place + 1 :]
        day, month = int(changed[:2]), int(changed[2:])
        if changed != text and 1 <= month <= 12 and 1 <= day <= 28:
            return born.replace(month=month, day=day)
    return born + timedelta(days=1)


def write_postcode(random: Random, habits: Habits, postcode: str) -> str | None:
    """Return a postcode as recorded: in full, its outward code alone, with an error, or None."""
    rates = habits.rates
    if random.random() < rates["no_postcode"]:
        return None
    if random.random() < rates["outward_only"]:
        return postcode.split(" ", maxsplit=1)[0]
    if random.random() < rates["postcode_error"]:
        place = random.choice((-1, -2, -3))
        pool = "0123456789" if place == -3 else "ABDEFGHJLNPQRSTUWXYZ"
        letters = list(postcode)
        letters[place] = random.choice(pool)
        return "".join(letters)
    return postcode if random.random() < 0.7 else postcode.replace(" ", "").lower()


def nhs_number(number: int) -> str:
    """Return the NHS number of the n-th child: nine digits and a check digit of modulus 11."""
    digits = f"{400_000_000 + number * 7:09d}"
    while True:
        total = sum(int(digit) * (10 - place) for place, digit in enumerate(digits))
        check = (11 - total % 11) % 11
        if check != 10:
            return f"{digits[:3]} {digits[3:6]} {digits[6:]}{check}"
        digits = f"{int(digits) + 1:09d}"


def unique_pupil_number(number: int) -> str:
    """Return the unique pupil number of the n-th child, with its check letter."""
    digits = f"{820_0000_00_0000 + number * 13:012d}"[:12]
    total = sum(int(digit) * (place + 2) for place, digit in enumerate(digits))
    return UPN_CHECKS[total % 23] + digits


def home_office_reference(number: int) -> str:
    """Return the Home Office reference of the n-th child."""
    return f"{'ABKMT'[number % 5]}{1_000_000 + number * 3}"


def mistyped_number(random: Random, text: str) -> str:
    """Return a number with two digits exchanged or one digit replaced."""
    places = [place for place, letter in enumerate(text) if letter.isdigit()]
    place = random.choice(places[:-1])
    other = text[place + 1]
    if other.isdigit() and other != text[place] and random.random() < 0.5:
        return text[:place] + other + text[place] + text[place + 2 :]
    return text[:place] + str((int(text[place]) + random.randint(1, 9)) % 10) + text[place + 1 :]
