"""The files, headings and words of three invented systems."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class FileOfStranger:
    """A file or sheet: its name, the table whose records it has, and its headings by field."""

    name: str
    table: str
    headings: Mapping[str, str]
    sheet: str | None = None


CAREBASE_WORDS = {
    "pers_sex": {"F": "Girl", "M": "Boy"},
    "miss_missing_episode_type": {"M": "Missing from care", "A": "Unauthorised"},
    "link_identifier_type": {
        "Unique Pupil Number": "School number",
        "Police reference": "Police number",
    },
}
CAREBASE = (
    FileOfStranger(
        "CB_Children_2026Q3.txt",
        "ssd_person",
        {
            "pers_person_id": "Client ID",
            "pers_sex": "Gender",
            "pers_ethnicity": "Ethnic Code",
            "pers_dob": "Birth Date",
            "pers_common_child_id": "NHS Number",
        },
    ),
    FileOfStranger(
        "CB_Names_2026Q3.txt",
        "ssd_person",
        {
            "pers_person_id": "Client ID",
            "pers_forename": "Given Name",
            "pers_surname": "Family Name",
        },
    ),
    FileOfStranger(
        "CB_Other_Numbers_2026Q3.txt",
        "ssd_linked_identifiers",
        {
            "link_person_id": "Client ID",
            "link_identifier_type": "Number Type",
            "link_identifier_value": "Number",
            "link_valid_from_date": "Valid From",
        },
    ),
    FileOfStranger(
        "CB_Addresses_2026Q3.txt",
        "ssd_address",
        {
            "addr_table_id": "Address ID",
            "addr_person_id": "Client ID",
            "addr_address_start_date": "From Date",
            "addr_address_end_date": "To Date",
            "addr_address_postcode": "Post Code",
        },
    ),
    FileOfStranger(
        "CB_Care_Episodes_2026Q3.txt",
        "ssd_cla_episodes",
        {
            "clae_cla_episode_id": "Episode No",
            "clae_person_id": "Client ID",
            "clae_cla_episode_start_date": "Episode Began",
            "clae_cla_episode_start_reason": "Reason Started",
            "clae_cla_primary_need_code": "Need Code",
            "clae_cla_episode_ceased_date": "Episode Ended",
            "clae_cla_episode_ceased_reason": "Reason Ended",
            "clae_cla_placement_id": "Placement No",
        },
    ),
    FileOfStranger(
        "CB_Legal_2026Q3.txt",
        "ssd_legal_status",
        {
            "lega_legal_status_id": "Legal ID",
            "lega_person_id": "Client ID",
            "lega_legal_status": "Legal Status Code",
            "lega_legal_status_start_date": "Began",
            "lega_legal_status_end_date": "Ended",
        },
    ),
    FileOfStranger(
        "CB_Placements_2026Q3.txt",
        "ssd_cla_placement",
        {
            "clap_cla_placement_id": "Placement No",
            "clap_person_id": "Client ID",
            "clap_cla_placement_start_date": "Placed From",
            "clap_cla_placement_end_date": "Placed To",
            "clap_cla_placement_type": "Placement Kind",
            "clap_cla_placement_provider": "Provider Code",
            "clap_cla_placement_postcode": "Placement Post Code",
        },
    ),
    FileOfStranger(
        "CB_Immigration_2026Q3.txt",
        "ssd_immigration_status",
        {
            "immi_immigration_status_id": "Status ID",
            "immi_person_id": "Client ID",
            "immi_immigration_status": "Immigration Status",
            "immi_immigration_status_start_date": "Status From",
            "immi_immigration_status_end_date": "Status To",
        },
    ),
    FileOfStranger(
        "CB_Absences_2026Q3.txt",
        "ssd_missing",
        {
            "miss_table_id": "Absence Ref",
            "miss_person_id": "Client ID",
            "miss_missing_episode_start_date": "Absent From",
            "miss_missing_episode_end_date": "Absent To",
            "miss_missing_episode_type": "Absence Kind",
            "miss_missing_rhi_offered": "Interview Offered",
        },
    ),
    FileOfStranger(
        "CB_Interviews_2026Q3.txt",
        "return_interviews",
        {
            "interview_id": "Interview Ref",
            "miss_table_id": "Absence Ref",
            "offered_at": "Offered On",
            "accepted": "Accepted",
            "held_at": "Held On",
        },
    ),
)
WATCHMAN_WORDS = {"sex": {"Female": "F", "Male": "M"}, "is_looked_after": {"Yes": "Y", "No": "N"}}
WATCHMAN = (
    FileOfStranger(
        "Watchman 2026-10.xlsx",
        "reports",
        {
            "report_ref": "Report No",
            "person_ref": "Nominal No",
            "last_seen_at": "Last Seen",
            "reported_at": "Date Reported",
            "found_at": "Date Found",
            "category": "Case Type",
            "risk_initial": "Risk When Reported",
            "is_looked_after": "Looked After",
        },
        "Reports",
    ),
    FileOfStranger(
        "Watchman 2026-10.xlsx",
        "reports",
        {
            "person_ref": "Nominal No",
            "surname": "Family Name",
            "forenames": "Given Names",
            "dob": "Birth Date",
            "sex": "Gender",
            "home_postcode": "Home Post Code",
        },
        "People",
    ),
)
TALLY_WORDS = {
    "sex": {"1": "Boy", "2": "Girl"},
    "missing": {"M": "Missing", "A": "Unauthorised"},
}
TALLY = (
    FileOfStranger(
        "tally_children_2526.csv",
        "header",
        {
            "child": "Child ID",
            "sex": "Gender",
            "dob": "Birth Date",
            "ethnic": "Ethnicity",
            "upn": "Unique Pupil No",
            "mother": "Is Mother",
        },
    ),
    FileOfStranger(
        "tally_care_2526.csv",
        "episodes",
        {
            "child": "Child ID",
            "decom": "Episode Start",
            "rne": "Start Reason",
            "ls": "Legal Status",
            "cin": "Need",
            "place": "Placement Type",
            "place_provider": "Placement Provider",
            "dec": "Episode End",
            "rec": "End Reason",
            "reason_place_change": "Change Reason",
            "home_post": "Home Postcode",
            "pl_post": "Placement Postcode",
            "urn": "Ofsted Number",
        },
    ),
    FileOfStranger(
        "tally_absences_2526.csv",
        "missing",
        {
            "child": "Child ID",
            "missing": "Absence Type",
            "mis_start": "Absence Start",
            "mis_end": "Absence End",
        },
    ),
    FileOfStranger(
        "tally_asylum_2526.csv",
        "uasc",
        {"child": "Child ID", "sex": "Gender", "dob": "Birth Date", "duc": "Status Ended"},
    ),
)
