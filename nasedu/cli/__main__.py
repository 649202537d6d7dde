"""`python -m nasedu.cli` is `nasedu`."""

from nasedu.cli import main

if __name__ == "__main__":
    main()
