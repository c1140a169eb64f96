{{ function('student_t') }}(difference_count - 1) * deviation / sqrt(difference_count)
