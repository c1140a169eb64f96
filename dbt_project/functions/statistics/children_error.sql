{#
    The relative standard error of a total of absences, `absence_count`; 0 if there are none. Each
    child is counted, with all their absences, only if they are linked. The probability of that is
    `recall`. `squares` is the sum of the children's squared counts of absences. Source: Horvitz and
    Thompson 1952, Journal of the American Statistical Association 47:663-685.
#}
coalesce(sqrt(squares * (1 - recall)) / recall / nullif(absence_count, 0), 0)
