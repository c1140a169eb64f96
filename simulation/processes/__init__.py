"""What makes records unlike the rules: one process a module, its rate in `simulation.profiles`.

Each draws from a stream of its own, so that a process switched on or off moves no other draw. Who
is told of an absence is `world`; the records that these processes change are made by `sources`.
"""
