case when difference_count > 1 then difference_mean + {{ var('interval_z') }}e0 * deviation end
