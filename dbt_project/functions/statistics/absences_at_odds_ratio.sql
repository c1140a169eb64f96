both_count + police_only_count + authority_only_count
+ {{ function('unrecorded_absences') }}(both_count, police_only_count, authority_only_count, odds_ratio)
