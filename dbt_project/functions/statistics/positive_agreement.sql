{#
    Positive agreement of two sources: of all that either records, counted once by each that records
    it, the share on which they agree, 2a / (2a + b + c) (Cicchetti and Feinstein 1990, Journal of
    Clinical Epidemiology 43:551-558; as an overlap of sets Dice 1945). It needs no count of what
    neither source recorded, which is unknown for absences; so there is no negative agreement on
    absences. For a category, all cells of which are known, there is: 2d / (2d + b + c), from the
    cell where both say no. Null where the denominator is 0.
#}
2.0 * both_yes / nullif(2 * both_yes + first_only + second_only, 0)
