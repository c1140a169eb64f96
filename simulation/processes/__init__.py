"""The processes that make records differ from the rules, one module for each process.

The rate of each process is in `simulation.profiles`. Each process draws from its own random stream,
so switching it on or off changes no other draw. `world` decides who is told of an absence;
`sources` makes the records that these processes change.
"""
