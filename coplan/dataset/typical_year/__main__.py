"""`python -m coplan.dataset.typical_year`: make every shipped typical year anew."""

from __future__ import annotations

import argparse
from pathlib import Path

from coplan.dataset.typical_year.record import write_all


def main() -> None:
    """Parse the folder and write all years into it."""
    parser = argparse.ArgumentParser(prog="python -m coplan.dataset.typical_year")
    parser.add_argument(
        "--folder", type=Path, default=Path("data/weather"), help="where stations.yaml is"
    )
    write_all(parser.parse_args().folder)


if __name__ == "__main__":
    main()
