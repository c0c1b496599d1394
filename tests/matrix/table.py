"""Who may open what, written by hand and reviewed: a wrong declaration in a view shows against it.

Letters: S super administrator, O office manager, A accountant, R reviewer, C receptionist, N a user without any role.
A new address without a line here fails the build.
"""

from __future__ import annotations

from dataclasses import dataclass

ROLES = {"S": "super", "O": "office", "A": "accountant", "R": "reviewer", "C": "receptionist", "N": None}
EVERYBODY = "SOARCN"
NOBODY = ""
PUBLIC = frozenset({"static", "login", "one_time_link", "preferences.save"})


@dataclass(frozen=True)
class Grid:
    """The addresses of a grid; an action that nobody has does not exist and answers 404."""

    see: str
    create: str = NOBODY
    edit: str = NOBODY
    delete: str = NOBODY
    export: str = NOBODY

    def cells(self) -> dict[str, str]:
        """Roles by the endpoint's last part."""
        return {
            "index_view": self.see,
            "count_view": self.see,
            "lookup_view": self.see,
            "details_view": self.see,
            "columns_view": self.see,
            "save_view": self.see,
            "delete_saved_view": self.see,
            "bulk_view": self.see,
            "create_view": self.create,
            "edit_view": self.edit,
            "inline_view": self.edit,
            "delete_view": self.delete,
            "restore_view": self.delete,
            "export_view": self.export,
        }


GRIDS = {
    "users": Grid("S", create="S", edit="S", delete="S"),
}
PAGES = {
    "start.index": EVERYBODY,
    "logout": EVERYBODY,
    "account.index": EVERYBODY,
    "account.password": EVERYBODY,
    "account.end_session": EVERYBODY,
    "search.page": EVERYBODY,
    "search.results": EVERYBODY,
    "users.link": "S",
    "users.end_session": "S",
    "roles.index": "S",
    "roles.create": "S",
    "roles.edit": "S",
    "roles.delete": "S",
    "access_templates.index": "S",
    "access_templates.create": "S",
    "access_templates.edit": "S",
    "access_templates.delete": "S",
    "settings.index": "S",
    # One sees one's own jobs; the jobs of others are not there for those without the right (404).
    "jobs.index": EVERYBODY,
    "jobs.show": "SOA",
    "jobs.cancel": "SO",
    "jobs.retry": "SO",
    "jobs.file": NOBODY,
}


def expected(endpoint: str) -> str | None:
    """The roles that may use an endpoint; None where the table has no line."""
    if endpoint in PAGES:
        return PAGES[endpoint]
    name, _dot, part = endpoint.rpartition(".")
    return GRIDS[name].cells().get(part) if name in GRIDS else None
