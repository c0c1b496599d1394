"""Customers as the matcher's pure part sees them, for tests."""

import numpy as np
from hypothesis import strategies as st

from gecko.operations.matching import normalising, scoring, signature
from gecko.operations.matching.policy import Context, shipped_context

ANNE = {
    "name": "Anne Holm Jensen", "address": "Nørregade 12, 3. tv", "postal_code": "8000", "city": "Aarhus C",
    "mobile": "+4520212223", "telephone": None, "email": "anne.holm@gmail.com", "birth_date": "1980-02-03",
}  # fmt: skip

_FIRST = st.sampled_from(["Anne", "Anna", "Peter", "Per", "Søren", "Soren", "Kristian", "Chr.", "K.", "Mette-Mie", ""])
_LAST = st.sampled_from(["Jensen", "Jenson", "Holm Jensen", "Kjær", "Kær", "Petersen", "Anne", "Lindqvist", ""])


def _or_none(*values):
    return st.sampled_from([None, *values])


CUSTOMERS = st.fixed_dictionaries(
    {
        "name": st.builds(lambda first, last: f"{first} {last}".strip() or "X", _FIRST, _LAST),
        "address": _or_none("Nørregade 12, 3. tv", "Nørreg. 12", "Nørregade 14", "8 stanley street miami", "Åvej"),
        "postal_code": _or_none("8000", "8020", "9000", "SW1A 1AA"),
        "city": _or_none("Aarhus C", "Århus", "Aalborg"),
        "mobile": _or_none("+4520212223", "+4520212232", "+4520212224", "00000000"),
        "telephone": _or_none("+4586121314", "+4520212223"),
        "email": _or_none("anne.holm@gmail.com", "anneholm@gmail.com", "anne.holm@live.dk", "info@firma.dk"),
        "birth_date": _or_none("1980-02-03", "1980-03-02", "1980-02-04", "1961-07-30", "1900-01-01"),
    }
)


def rows(*customers):
    """Signatures of customers, one behind the other."""
    return signature.unpack(b"".join(signature.pack(normalising.normalise(customer)) for customer in customers))


def pair(one, other):
    """Two customers as the sides of one comparison."""
    both = rows(one, other)
    return both[:1], both[1:]


def context(customers: int = 10_000) -> Context:
    """The shipped weights in a base of so many customers of whom nothing is counted."""
    counted = shipped_context().frequencies
    return shipped_context(type(counted)(customers, {}))


def score(left, right, context):
    """Scores of pairs, a row of each side."""
    both = signature.unpack(left.tobytes() + right.tobytes())
    at = np.arange(len(left))
    return scoring.score_rows(both, at, at + len(left), context)


def but(customer, **changes):
    """The same customer with other values."""
    return customer | changes


def mixed(customers):
    """Every pair of `customers`, as rows of both sides."""
    found = rows(*customers)
    one, other = np.triu_indices(len(found), 1)
    return found[one], found[other]
