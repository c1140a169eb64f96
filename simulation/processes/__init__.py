"""The processes that make records violate the rules, one module for each process.

`simulation.profiles` has the rate of each process. Each process draws from its own random stream,
so switching it on or off changes no other draw. `world` decides who is told of an absence.
`sources` makes the records that these processes change.
"""
