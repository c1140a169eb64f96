"""`make same`: proof that a commit and the working tree publish the same register.

What is compared and how belongs in `differences`, what may differ in `announced`.
"""
