{#
    Of the missed absences that show a sign, the share that the controls' rate of the sign does not
    explain. It is also called the attributable fraction among the exposed. Cases are missed
    absences, controls are absences that both sources recorded; the arguments are the rates of the
    sign in cases and in controls. The share is 1 - 1 / odds ratio. With the likelihood ratio LR =
    `case_rate` / `control_rate`, that equals (1 - 1 / LR) / (1 - `control_rate`). So it is at least
    1/2 where LR is at least 2. Source: Miettinen 1974, American Journal of Epidemiology 99:325-332.
#}
1 - exp(-{{ function('log_odds_ratio') }}(case_rate, control_rate))
