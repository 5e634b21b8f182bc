"""``python -m mlstack.cli``."""

from mlstack.cli import main

if __name__ == "__main__":
    main()
