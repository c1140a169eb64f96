"""One module a command of `register`: what it asks for, what it shows and how it ends."""
