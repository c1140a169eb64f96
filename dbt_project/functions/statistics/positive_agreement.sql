{#
    Positive agreement of two sources: 2a / (2a + b + c), with a = `both_yes`, b = `first_only` and
    c = `second_only`. Of all answers of yes by either source, it is the share to which the other
    source says yes too. An absence that both record counts twice, once for each source. Null where
    the denominator is 0.

    Positive agreement needs no count of what neither source records, which is unknown for absences.
    `negative_agreement` needs that count, so it is used for categories only.

    Sources: Cicchetti and Feinstein 1990, Journal of Clinical Epidemiology 43:551-558; Dice 1945,
    Ecology 26:297-302 (as an overlap of sets).
#}
2.0 * both_yes / nullif(2 * both_yes + first_only + second_only, 0)
