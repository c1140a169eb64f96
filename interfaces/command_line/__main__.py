"""`python -m interfaces.command_line …` is `register …`."""

from interfaces.command_line.application import run

if __name__ == "__main__":
    run()
