ln(case_rate / (1 - case_rate)) - ln(control_rate / (1 - control_rate))
