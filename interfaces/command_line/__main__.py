"""Entry point that makes `python -m interfaces.command_line …` the same as `register …`."""

from interfaces.command_line.application import run

if __name__ == "__main__":
    run()
