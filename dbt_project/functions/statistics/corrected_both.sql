{#
    How many absences both sources would have recorded without wrong or missed links between
    children.

        corrected both = both_count × both_factor

    `both_factor` is the precision of the links that match these absences, divided by their recall.
    `police_only_count` and `authority_only_count` count the absences that one source alone
    recorded. The result is at most the number that the authority recorded and, under the rule
    `every_child`, at most the number that the police recorded.

    `corrected_authority_only` is the rest of what the authority recorded, because links never
    change that total. Links may change what the police recorded. This depends on the population's
    `rule`, which `correction_rule` gives (derivation: docs/explanation/agreement-statistics.md):

    - `every_child`: a missed link leaves one record of each source unmatched, so the police total
      does not change either. `corrected_police_only` is the rest of it.
    - `in_care`: that a child is in care is known only through a link to the authority, so an
      unlinked police record is not in the population. `corrected_police_only` is
      `police_only_count` × `police_only_factor`.

    The result is null without a factor. It is also null without a rule: for populations without a
    rule, no correction was found that brings the figure nearer to the truth.

    Sources: Ding and Fienberg 1994, Survey Methodology 20:149-158; de Wolf, van der Laan and Zult
    2019, Journal of Official Statistics 35:577-597 (false links).
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
