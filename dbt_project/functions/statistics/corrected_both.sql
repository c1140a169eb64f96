{#
    How many absences both sources recorded, and one alone, were no two children linked wrongly and
    no link missed (Ding and Fienberg 1994, Survey Methodology 20:149-158, with false links as in de
    Wolf, van der Laan and Zult 2019, Journal of Official Statistics 35:577-597). The factor of a
    kind of absence is the precision of the links that make it over their recall:

        corrected both = both × factor, at most what the authority recorded

    What the authority recorded does not change. What becomes of the police's records differs with
    the population, which the rule names; the derivation is in docs/explanation/agreement-statistics.md:

    - `every_child`: a missed link leaves a record of each source, so that what the police recorded
      does not change either: police only = both + police only - corrected both;
    - `in_care`: care at the start is known through the link alone, so that an unlinked record of
      the police is not in the population: police only = police only × its own factor;

    Any other population has no rule and gives null, and so does a factor that is null: no
    correction was derived that brings the figure nearer to the truth.

    `ratio_lower` and `ratio_upper` are the ends of the interval of such a factor, the ratio of two
    shares that are uncertain independently (method of variance estimates recovery: Zou and Donner
    2008, Statistics in Medicine 27:1693-1702). `children_error` is the standard error of a total
    that includes each child, with all its absences, with the probability of its link (Horvitz and
    Thompson 1952), as a share of that total; `factor_lower` and `factor_upper` add it to an end of
    a factor, which is never below the precision: no more than every link can be found.
    `share_lower` and `share_upper` are the bounds of a share: chance and both factors around an
    estimate, and without one Wilson's interval of the furthest corner.
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
