{#
    How many absences both sources would have recorded without wrong or missed links between
    children.

        corrected both = both_count × both_factor

    `both_factor` is the precision of the links that match these absences, divided by their recall.
    The result is at most the number that the authority recorded and, under the rule `every_child`,
    at most the number that the police recorded.

    The arguments `police_only_count` and `authority_only_count` count the absences that one source
    alone recorded. `corrected_police_only` and `corrected_authority_only` correct these. What the
    authority recorded in all never changes. What happens to police records depends on the
    population's `rule` (`correction_rule`; derivation: docs/explanation/agreement-statistics.md):

    - `every_child`: a missed link leaves one record of each source unmatched, so what the police
      recorded in all does not change either: corrected police only = both_count + police_only_count
      - corrected both.
    - `in_care`: that a child is in care is known only through a link to the authority, so an
      unlinked police record is not in the population: corrected police only = police_only_count ×
      `police_only_factor`.

    The result is null without a rule (any other population) and without a factor: for these, no
    correction was found that brings the figure nearer to the truth.

    Functions of the same correction:

    - `ratio_lower` and `ratio_upper` are the ends of the interval of a factor, which is the ratio
      of two shares with independent uncertainties. They use the method of variance estimates
      recovery (MOVER).
    - `children_error` is the relative standard error of a total. Each child, with all their
      absences, is included in it with the probability of their link (`recall`). `squares` is the
      sum of the children's squared counts.
    - `factor_lower` and `factor_upper` add `children_error` to an end of a factor. The result is at
      least `least_factor`, the precision, because recall is at most 1.
    - `share_lower` and `share_upper` are the bounds of a corrected share. With an estimate
      (`share`), they combine chance and both factors around it. Without one, they are Wilson's
      interval of `corner`, the most extreme share that the ends of both factors allow.

    Sources: Ding and Fienberg 1994, Survey Methodology 20:149-158; de Wolf, van der Laan and Zult
    2019, Journal of Official Statistics 35:577-597 (false links); Zou and Donner 2008, Statistics
    in Medicine 27:1693-1702 (MOVER); Horvitz and Thompson 1952.
#}
case
    when rule is not null and both_factor is not null
        then least(
            cast(both_count as double) * both_factor,
            cast(both_count + case rule
                when 'in_care' then authority_only_count
                else least(police_only_count, authority_only_count)
            end as double)
        )
end
