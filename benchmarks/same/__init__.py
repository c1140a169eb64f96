"""`make same`: the proof that a commit and the working tree publish the same register.

`differences` compares the published files; `announced` lists what may differ.
"""
