"""What a home survives: full and read-only disks, wrong clocks, kills, and readers meanwhile.

`python -m benchmarks.faults` runs each fault on real loads of a small simulated nation, and writes
one page of results.
"""
