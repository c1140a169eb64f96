{{ function('student_t') }}(difference_count - 1) * deviation * sqrt(
    1.0 / difference_count + {{ var('interval_z') ** 2 / 2 }}e0 / nullif(difference_count - 1, 0)
)
