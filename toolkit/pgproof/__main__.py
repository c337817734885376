"""`python -m pgproof` is the command `pgproof`."""

from pgproof.cli import main

if __name__ == "__main__":
    main()
