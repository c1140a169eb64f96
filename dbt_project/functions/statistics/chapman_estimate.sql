{#
    Chapman's estimate of how many absences happened, recorded or not. The arguments count the
    recorded absences: `both_count` (recorded by both sources), `police_only_count` and
    `authority_only_count`. In the first line of the formula, police and authority are the numbers
    of all absences that the source recorded, with or without the other.

        N = (police + 1)(authority + 1) / (both + 1) - 1
          = recorded + police only × authority only / (both + 1)

    The estimate makes four assumptions: each source learns of an absence independently of the
    other; every absence is equally likely to be recorded; no link is wrong or missed; and both
    sources cover the same absences. The first is false, because the sources inform each other.
    `absences_at_odds_ratio` therefore takes the strength of this dependence as an argument.

    Source: Chapman 1951, University of California Publications in Statistics 1:131-160.
#}
{{ function('absences_at_odds_ratio') }}(both_count, police_only_count, authority_only_count, 1)
