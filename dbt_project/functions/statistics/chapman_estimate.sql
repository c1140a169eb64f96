{#
    Chapman's estimate of how many absences there were, recorded or not, from two sources that
    overlap (Chapman 1951, University of California Publications in Statistics 1:131-160):

        N = (police + 1)(authority + 1) / (both + 1) - 1
          = recorded + police only × authority only / (both + 1)

    It supposes that the two sources come to know of an absence independently, that every absence
    is as likely to be known as another, that none is linked wrongly or missed, and that both
    cover the same absences. The first is not so; the odds ratio states how far: the odds that an
    absence which the police know is known to the authority, over the odds for one they do not. Two
    sources alone cannot tell it (International Working Group for Disease Monitoring and
    Forecasting 1995, American Journal of Epidemiology 142:1047-1058); so it is stated, and the
    estimate given under each (Gerritse, van der Heijden and Bakker 2015, Journal of Official
    Statistics 31:357-379). 1 is Chapman's own estimate; above 1, where one source tells the other,
    more absences are unrecorded.

    The interval is Sadinle's, which holds for few absences and where one source recorded nothing of
    its own (Sadinle 2009, Communications in Statistics, Simulation and Computation 38:1909-1924):
    what is unrecorded lies between centre × exp(± z σ) - 1/2, with half an absence added to each
    count,

        centre = (police only + 1/2)(authority only + 1/2) / (both + 1/2)
        σ²     = 1/(both + 1/2) + 1/(police only + 1/2) + 1/(authority only + 1/2)
                 + 1 / max(centre, 1/4)

    (a centre below 1/4, where both recorded nearly all, would make the upper end endless and holds
    no more often), never below 0, so that it never ends below what was recorded; the estimate bounds either end.
    Under an odds ratio it is that times as much. How often it holds, beside the log-normal interval
    that has no width at a zero: tests/dbt/statistics/test_small_cells.py.
#}
{{ function('absences_at_odds_ratio') }}(both_count, police_only_count, authority_only_count, 1)
