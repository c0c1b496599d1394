"""The demo's accounts: one user for each role, with a password that everybody may know."""

from __future__ import annotations

from sqlalchemy import select

from ...db import db, transaction
from ...models.people import Role, StaffUser
from .. import passwords, settings

PASSWORD = "gecko-demo"  # noqa: S105 (shown on the demo's log-in page)
ACCOUNTS = (
    ("admin", "Åse Administrator", "super"),
    ("office", "Ole Kontor", "office"),
    ("accountant", "Rikke Regnskab", "accountant"),
    ("reviewer", "Vagn Gennemgang", "reviewer"),
    ("receptionist", "Nanna Reception", "receptionist"),
)


def build() -> dict[str, int]:
    """Make the accounts, and show them on the log-in page; returns their ids by user name."""
    hashed = {username: passwords.hash_password(PASSWORD) for username, _name, _role in ACCOUNTS}
    with transaction() as session:
        roles = {role.key: role for role in session.scalars(select(Role))}
        ids = {}
        for username, name, role in ACCOUNTS:
            user = StaffUser(username=username, name=name, password_hash=hashed[username], roles=[roles[role]])
            session.add(user)
            session.flush()
            ids[username] = user.id
        settings.put(
            "demo.accounts",
            [{"username": username, "password": PASSWORD, "role": role} for username, _name, role in ACCOUNTS],
        )
        for field, value in COMPANY.items():
            settings.put(f"company.{field}", value)
    db.session.expire_all()
    return ids


COMPANY = {
    "name": "Klinik Gekko ApS",
    "address": "Åboulevarden 14, 1.",
    "postal_code": "8000",
    "city": "Aarhus C",
    "cvr": "13585628",
    "phone": "+4586123456",
    "email": "kontakt@klinikgekko.example",
    "bank_reg_no": "1551",
    "bank_account_no": "0012345678",
    "fik_creditor": "87654321",
}
