"""A simulated nation whose truth is known. It contains no real child's data.

    from pathlib import Path
    from simulation import SimulationPlan, simulate

    simulate(Path(".register"), SimulationPlan())                      # the demonstration
    simulate(home, SimulationPlan(share=1, year_count=1))              # one year, all England
    simulate(home, SimulationPlan(share=1, first_year=2016, year_count=10,
                                  extract_frequency="yearly"))         # ten years, all England
    simulate(home, SimulationPlan(share=1, calibration_file=Path("dfe.csv")))
    simulate(home, SimulationPlan(share=1, authority_rates="england"))  # rates differ by year
    simulate(home, SimulationPlan(profile="harder"))                   # breaks the rules

Each call writes `inbox/<feed>/<supplier>/<period>/…`, `truth/*.parquet` and `resubmissions/…` into
the home. A later `deliver_resubmissions(home)` copies the resubmissions into the inbox, where each
replaces the first version. The same plan gives the same bytes and the same times of receipt.
`register.feeds` reads the deliveries and never reads `truth/`. `truth_file` returns the path of a
table of the truth.
"""

from simulation.geography import demonstration_postcodes
from simulation.local_authority_tool import read_interactive_tool
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
from simulation.world.nation import make_nation, measure_rates
from simulation.yearly_rates import read_parameters

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
    "make_nation",
    "measure_rates",
    "read_interactive_tool",
    "read_parameters",
    "simulate",
    "truth_file",
]
