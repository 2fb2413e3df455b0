"""What putting both registers into normal forms takes: a linker that compares texts needs it done, whoever does it."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from linkers.outcome import Stopwatch, tell
from matcher.identity import identity_of_company, identity_of_customer
from matcher.register_files import read_companies, read_customers


def main() -> None:
    """Reads <folder>/companies.csv and customers.csv; there are no pairs."""
    folder = Path(sys.argv[1])
    companies, customers = read_companies(folder / "companies.csv").rows, read_customers(folder / "customers.csv").rows
    watch = Stopwatch()
    with watch.running():
        for company in companies:
            identity_of_company(company)
        for customer in customers:
            identity_of_customer(customer)
    tell(folder, "cleaning", (), watch)


if __name__ == "__main__":
    main()
