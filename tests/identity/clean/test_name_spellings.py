"""Spellings of one name, and names that are not one.

The names are common in each naming system; none is taken from a simulator.
"""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from pathlib import Path

import pytest

from register.identity.clean import name_spellings, respell
from register.identity.clean.name_forms import find_forename_roots
from register.identity.clean.name_tokens import encode_sound, encode_token_sound
from register.yaml_file import read_yaml

# Each line has the spellings of several names of one naming system.
SPELLINGS = {
    "tigrinya and amharic": """
        tesfay/tesfai/tesfaye gebremedhin/ghebremedhin/gebremedhen tekle/tecle kidane/chidane/qidane
        haile/hayle/aile yohannes/johannes/iohannes mehari/mahari berhane/birhane/brhane
        weldu/woldu/uoldu tsegay/segay weldemariam/uoldemariam/woldemaryam amanuel/emmanuel
        habtemariam/abtemariam esther/aster hagos/agos""",
    "arabic": """
        khaled/khalid youssef/yusuf/yousuf/jusuf omar/umar/oumar jamal/gamal/djamal nour/noor/nur
        osama/usama/oussama said/saeed/sayid/syed mahmoud/mahmud/mahmood rachid/rashid
        hicham/hisham aicha/aisha/ayesha achraf/ashraf abdulaziz/abdelaziz/abdiaziz
        abdullah/abdallah/abdoulaye ahmed/ahmad/achmed naguib/najib magdi/majdi
        mohammed/muhammad/mohamed/md abdulrahman/abdurrahman/abderrahmane""",
    "persian and pashto": """
        hossein/husain/hussain/hoseyn gholam/ghulam/qolam reza/riza/raza/ridha mehdi/mahdi
        najib/najeeb wali/vali ahmadzai/ahmadzay habibullah/habibollah/habibolla jawad/javad
        ismail/esmail ramadan/ramazan/ramzan""",
    "somali": """
        axmed/ahmed xasan/hassan xuseen/hussein cali/ali maxamed/mohamed maxamuud/mahmoud
        ismaaciil/ismail cabdullaahi/abdullahi cumar/omar caasha/aisha sacdiyo/sadia jaamac/jama
        raxma/rahma cabdicasiis/abdiaziz nuur/nur""",
    "kurdish": "xalid/khalid cemal/jamal ehmed/ahmed baxtiyar/bakhtiar rizgar/rezgar hiwa/heva",
    "south asian": """
        chowdhury/choudhry zahid/jahid zainab/jainab/zeynab kaur/kour singh/sing vikram/bikram
        rahman/rehman akhtar/akter""",
    "vietnamese and chinese": """
        nguyen/nguyan/nuyen ngoc/noc pham/fam zhang/chang/cheung xu/hsu chen/chan wang/wong cai/tsai
        xie/hsieh/tse""",
    "albanian": "xhevdet/jevdet qemal/kemal gjergj/jerj shqipe/skipe",
    "romanian": "gheorghe/george stefan/shtefan ionut/yonuts mihai/mikhai",
    "polish": """
        wojciech/wojtek/voytek malgorzata/gosia tomasz/tomash czarnecki/charnecki
        lukasz/lukash/wukash krzysztof/kshishtof katarzyna/kasia""",
    "irish and welsh": """
        siobhan/shivaun/chevonne niamh/neve aoife/eefa caoimhe/keeva/kweeva sian/shan
        sean/shaun/shawn saoirse/sersha tadhg/taig rhys/reece padraig/patrick mccarthy/maccarthy
        mcdonald/macdonald oona/una""",
}
AGREEING = [
    pytest.param(*pair, id=f"{system}: {'-'.join(pair)}")
    for system, lines in SPELLINGS.items()
    for group in lines.split()
    for pair in pairwise(group.split("/"))
]


@pytest.mark.parametrize(("one", "other"), AGREEING)
def test_spellings_of_one_name_have_one_sound(one: str, other: str) -> None:
    """Prevents a clerk who spells a name by its sound from making two children of one."""
    assert encode_token_sound(one) == encode_token_sound(other)


DIFFERENT = """
    tesfay/tesfalem hamid/ahmed hassan/hussein ali/alia mohammed/mahmoud reza/rosa
    gebremedhin/gebremeskel abdulrahman/abdulrahim habte/haben omar/amir siobhan/sinead
    khaled/khalil jamal/kamal gosia/kasia
    saifullah/saifuddin tsegay/tsehaye tekle/tesfa minh/nam siobhan/sean
    """
# Rules of one language leave names of another as they are.
LEFT_ALONE = """
    callum/allum alison/ison maxine/mahine xavier/ksavier aileen/haileen isaac/isa gibson/jibson
    lucia/luia declan/delan dixon/dihon megan/mejan jacob/zacob vincent/bincent charlie/sharlie
    """


@pytest.mark.parametrize(
    ("one", "other"),
    [pytest.param(*each.split("/"), id=each) for each in (DIFFERENT + LEFT_ALONE).split()],
)
def test_two_names_have_two_sounds(one: str, other: str) -> None:
    """Prevents rules so broad that brothers and strangers have names of one sound."""
    assert encode_token_sound(one) != encode_token_sound(other)
    assert encode_sound(one) != encode_sound(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("siobhan", "shivaun"),
        ("gosia", "malgorzata"),
        ("wojtek", "voytek"),
        ("keeva", "kweeva"),
        ("niamh", "neve"),
        ("janek", "jan"),
    ],
)
def test_listed_spellings_are_one_forename(one: str, other: str) -> None:
    """Prevents a listed spelling from being compared by sound alone."""
    assert find_forename_roots(one) & find_forename_roots(other)


def test_formal_names_of_a_listed_spelling_stay_roots() -> None:
    """Prevents the table of spellings from hiding the table of nicknames."""
    assert {"patrick", "padraig"} <= find_forename_roots("padraig")
    assert {"bill", "william"} <= find_forename_roots("bill")
    assert not find_forename_roots("siobhan") & find_forename_roots("sinead")


def test_a_spelling_is_listed_once() -> None:
    """Prevents a spelling of two names from joining them, and a table that nobody can check."""
    table = read_yaml(Path(name_spellings.__file__).with_suffix(".yaml"))
    counts = Counter(each for name, spellings in table.items() for each in (name, *spellings))
    assert [each for each, count in counts.items() if count > 1] == []
    assert len(table) <= 200
    assert all(respell(each) == respell(name) for name, listed in table.items() for each in listed)
