"""Organisation numbers, and every form in which people write them."""

from __future__ import annotations

from datetime import date

from hypothesis import strategies as st
from stdnum import luhn


def with_check_digit(nine: str) -> str:
    """The ten digits."""
    return nine + luhn.calc_check_digit(nine)


legal_numbers = (
    st.integers(10_000_000, 99_999_999)
    .map(str)
    .map(lambda digits: digits[:2] + "2" + digits[2:])
    .map(with_check_digit)
    .filter(lambda digits: len(set(digits)) > 1)
)
personal_numbers = st.builds(
    lambda born, serial, is_coordination: with_check_digit(
        f"{born:%y%m}{born.day + (60 if is_coordination else 0):02}{serial:03}"
    ),
    st.dates(min_value=date(1920, 1, 1), max_value=date(2019, 12, 31)),
    st.integers(0, 999),
    st.booleans(),
)
numbers = st.one_of(legal_numbers, personal_numbers)
separators = st.text(" -–—‑−.: \t", max_size=2)
labels = st.sampled_from(
    ["", "", "Org.nr ", "Orgnr: ", "ORGANISATIONSNUMMER ", "Organisationsnr: ", "Momsreg.nr ", "VAT: ", "Pers.nr "]
)


@st.composite
def written_forms(draw: st.DrawFn) -> tuple[str, str]:
    """A number, and a way to write it."""
    digits = draw(numbers)
    prefix, suffix = draw(st.sampled_from([("", ""), ("16", ""), ("19", ""), ("20", ""), ("SE", "01"), ("se", "01"), ("SE", "")]))
    pieces = [draw(separators), prefix, draw(separators), digits[:6], draw(separators), digits[6:], draw(separators), suffix]
    written = "".join([draw(labels), *pieces, draw(separators)])
    return digits, written.translate(_WIDE) if draw(st.integers(0, 9)) == 0 else written


_WIDE = str.maketrans("0123456789", "".join(map(chr, range(0xFF10, 0xFF1A))))
