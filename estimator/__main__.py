"""The command `estimator`, started as `python -m estimator` where the script itself is not on the path."""

from estimator.cli import main

if __name__ == "__main__":
    main()
