sqrt(
    1 / (both_count + 0.5e0)
    + 1 / (police_only_count + 0.5e0)
    + 1 / (authority_only_count + 0.5e0)
    + 1 / greatest(0.25e0, {{ function('unrecorded_centre') }}(both_count, police_only_count, authority_only_count))
)
