"""A simulated nation of feeds with known truth; no real child's data is ever here.

    from pathlib import Path
    from simulation import SimulationPlan, simulate

    simulate(Path(".register"), SimulationPlan())                      # the demonstration
    simulate(home, SimulationPlan(share=1, year_count=1))              # a national year
    simulate(home, SimulationPlan(share=1, first_year=2016, year_count=10,
                                  extract_frequency="yearly"))         # ten national years
    simulate(home, SimulationPlan(share=1, calibration_file=Path("dfe.csv")))
    simulate(home, SimulationPlan(profile="harder"))                   # unlike the rules

writes `inbox/<feed>/<supplier>/<period>/…`, `truth/*.parquet` and `resubmissions/…` into the home.
A later `deliver_resubmissions(home)` drops the resubmissions into the inbox, each in place of the
first version. The same plan gives the same bytes and the same times of receipt. Reading what is
delivered is `register.feeds`, which never reads `truth/`; `truth_file` says where a table of the
truth is.
"""

from simulation.geography import demonstration_postcodes
from simulation.plan import (
    ERROR_RATES,
    ErrorRates,
    PlanError,
    ReportingRates,
    SimulationPlan,
    SimulationSummary,
)
from simulation.profiles import PROFILES, Profile
from simulation.run import deliver_resubmissions, simulate
from simulation.truth import truth_file

__all__ = [
    "ERROR_RATES",
    "PROFILES",
    "ErrorRates",
    "PlanError",
    "Profile",
    "ReportingRates",
    "SimulationPlan",
    "SimulationSummary",
    "deliver_resubmissions",
    "demonstration_postcodes",
    "simulate",
    "truth_file",
]
