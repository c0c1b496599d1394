"""One module per concept; importing the package makes every table known to the metadata."""

from . import (  # noqa: F401
    address_failures,
    audit,
    contacts,
    customer_fields,
    customer_groups,
    customers,
    debtors,
    documents,
    duplicates,
    items,
    jobs,
    markings,
    matching,
    merges,
    people,
    postings,
    purchases,
    saved_views,
    sessions,
    settings,
)
