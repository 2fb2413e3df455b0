"""What everybody else does: the same valid organisation number, once on either side, is a link."""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from linkers.outcome import Stopwatch, tell
from matcher.register_files import read_companies, read_customers
from normal_forms.numbers import read_identifier


def main() -> None:
    """Links <folder>/companies.csv and customers.csv."""
    folder = Path(sys.argv[1])
    companies, customers = read_companies(folder / "companies.csv").rows, read_customers(folder / "customers.csv").rows
    watch = Stopwatch()
    with watch.running():
        ours = [(read_identifier(company.organisation_number), company.company_id) for company in companies]
        theirs = [(read_identifier(customer.organisation_number), customer.customer_number) for customer in customers]
        held, counts = dict(ours), (Counter(number for number, _ in ours), Counter(number for number, _ in theirs))
        pairs = [
            (customer, held[number], 1.0)
            for number, customer in theirs
            if number and counts[0][number] == 1 and counts[1][number] == 1
        ]
    tell(folder, "number_only", pairs, watch)


if __name__ == "__main__":
    main()
