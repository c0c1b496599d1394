"""One contestant of the import benchmark, in a process of its own: `python -m jobs.benchmarks.contest`.

parse: the product reads and understands every row and writes none. pandas: pandas.read_csv with the same dates, whole
numbers and amounts in øre. product: the import as it is. peer: pandas.read_csv, and of every row the same customer,
debtor, link, document, line and posting through the ORM, added and committed 500 rows at a time on the same schema
with the same triggers.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from gecko.clock import from_local
from gecko.db import db, transaction
from gecko.models.customer_groups import CustomerGroup
from gecko.models.customers import Customer
from gecko.models.debtors import CustomerDebtorLink, Debtor
from gecko.models.documents import DocumentKind, SaleDocument, SaleLine, Series
from gecko.models.postings import DebtorPosting, PostingKind
from gecko.operations.importing import mapping as mappings
from gecko.operations.importing.running import open_import
from jobs import imports
from reports.benchmarks import bare

MAPPING: dict[str, Any] = {
    "kind": "invoices", "encoding": "utf-8", "delimiter": ",", "decimal": ".", "date_format": "%m/%d/%y %H:%M",
    "round": "half_up", "create_missing": ["customer", "debtor"], "credit_note_prefix": "C",
    "columns": {"number": "invoice_id", "issued_at": "invoice_date", "customer_number": "customer_id",
                "quantity": "total_quantity", "total": "total_price"},
    "clean": {"customer_number": "integer"},
}  # fmt: skip
BATCH = 500


def parse(path: Path) -> int:
    """Read and understand every row."""
    with open_import(path, mappings.parse(MAPPING)) as run:
        return sum(chunk.read for chunk in run.chunks())


def product(path: Path) -> int:
    """The import as it is; returns the documents written."""
    with open_import(path, mappings.parse(MAPPING)) as run:
        imports.drive(run)
        return run.counts.imported


def _frame(path: Path) -> Any:
    import pandas as pd

    frame = pd.read_csv(path, dtype={"invoice_id": str, "customer_id": str})
    frame["issued_at"] = pd.to_datetime(frame["invoice_date"], format="%m/%d/%y %H:%M")
    frame["customer_id"] = frame["customer_id"].astype(float).astype("Int64").astype(str)
    frame["ore"] = (frame["total_price"] * 100).round().astype(int)
    return frame


def pandas(path: Path) -> int:
    """The same understanding by pandas, column by column."""
    return len(_frame(path))


def peer(path: Path) -> int:
    """What one writes first: a frame, and of every row objects of the models; returns the documents written."""
    frame = _frame(path)
    customers: dict[str, tuple[int, int]] = {}
    rows = list(frame.itertuples(index=False))
    for start in range(0, len(rows), BATCH):
        with transaction() as session:
            group_id = session.query(CustomerGroup.id).filter(CustomerGroup.is_primary).scalar()
            for row in rows[start : start + BATCH]:
                if row.customer_id not in customers:
                    customers[row.customer_id] = _party(row.customer_id, group_id)
                session.add_all(_document(row, *customers[row.customer_id]))
    return len(rows)


def _party(number: str, group_id: int) -> tuple[int, int]:
    customer = Customer(group_id=group_id, number=number, name=number)
    debtor = Debtor(number=number, name=number)
    db.session.add_all([customer, debtor])
    db.session.flush()
    db.session.add(CustomerDebtorLink(customer_id=customer.id, debtor_id=debtor.id))
    return customer.id, debtor.id


def _document(row: Any, customer_id: int, debtor_id: int) -> list[Any]:
    kind = DocumentKind.CREDIT_NOTE if row.invoice_id.startswith("C") else DocumentKind.INVOICE
    day = row.issued_at.date()
    due = day + timedelta(days=8)
    document = SaleDocument(
        kind=kind, series=Series.IMPORTED, number=row.invoice_id, customer_id=customer_id, debtor_id=debtor_id,
        issued_at=from_local(row.issued_at.to_pydatetime()), document_date=day, due_on=due,
        buyer={"number": row.customer_id, "name": row.customer_id}, seller={}, term={"days": 8},
        buyer_name=row.customer_id, total_ore=row.ore, net_ore=row.ore, vat_ore=0,
        lines=[SaleLine(position=1, text="Varer i alt", quantity_milli=row.total_quantity * 1000,
                        unit_price_ore=row.ore, total_ore=row.ore, vat_bp=0, vat_ore=0)],
    )  # fmt: skip
    posting = DebtorPosting(
        debtor_id=debtor_id, kind=PostingKind(kind.value), amount_ore=row.ore, posted_on=day, due_on=due,
        document=document, text=row.invoice_id,
    )  # fmt: skip
    return [document, posting]


def build(_path: Path) -> int:
    """Make the schema with its triggers and what every installation starts with."""
    bare.install()
    return 0


CONTESTANTS: dict[str, Callable[[Path], int]] = {
    "build": build, "parse": parse, "pandas": pandas, "product": product, "peer": peer,
}  # fmt: skip


def main(name: str, url: str, path: str) -> None:
    """Run one contestant and print what it cost as JSON: the work alone, without starting Python and its modules."""
    if name in {"pandas", "peer"}:
        import pandas  # noqa: F401 (its import is not part of the work)
    with bare.at_work(url):
        wall, cpu = time.perf_counter(), time.process_time()
        rows = CONTESTANTS[name](Path(path))
        facts = {"rows": rows, "wall_s": time.perf_counter() - wall, "cpu_s": time.process_time() - cpu}
    print(json.dumps(facts))  # noqa: T201


if __name__ == "__main__":
    main(*sys.argv[1:4])
