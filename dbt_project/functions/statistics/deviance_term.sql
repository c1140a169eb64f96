case
    when observed > 0
        then observed * ln(
            cast(observed as double) * all_size / (cast(size as double) * all_count)
        )
    else 0.0
end
