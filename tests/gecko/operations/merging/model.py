"""What merging, undoing and erasing mean, in plain objects: the reference that the state machine compares with."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(eq=False)
class Row:
    """A row of a kind of which a customer has each `key` once; archived while a merge keeps it in its journal."""

    kind: str
    key: int
    value: str
    owner: int
    is_archived: bool = False


@dataclass(eq=False)
class Link:
    """A debtor link; closed_by: the merge that closed it."""

    id: int
    debtor: int
    owner: int
    is_open: bool = True
    closed_by: Deed | None = None


@dataclass(eq=False)
class Deed:
    """A merge."""

    id: int
    survivor: int
    absorbed: list[int]
    brought: int
    is_live: bool = True
    is_erased: bool = False
    moved: list[tuple[Row | Link, int]] = field(default_factory=list)
    archived: list[tuple[Row, Row]] = field(default_factory=list)


@dataclass
class World:
    """Every customer of one run. homes: whom money rows were given to while that customer lived, by (kind, id)."""

    living: set[int] = field(default_factory=set)
    erased: set[int] = field(default_factory=set)
    into: dict[int, int] = field(default_factory=dict)
    clips: dict[int, int] = field(default_factory=dict)
    reminders: dict[int, bool] = field(default_factory=dict)
    texts: dict[int, dict[str, str | None]] = field(default_factory=dict)
    homes: dict[tuple[str, int], int] = field(default_factory=dict)
    rows: list[Row] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)
    deeds: list[Deed] = field(default_factory=list)

    def end(self, customer: int) -> int:
        """Who answers for a customer."""
        while customer in self.into:
            customer = self.into[customer]
        return customer

    def family(self, customer: int) -> set[int]:
        """The customer and everybody it absorbed."""
        return {one for one in self.texts if self.end(one) == customer}

    def row(self, kind: str, key: int, owner: int) -> Row | None:
        """The row that shows."""
        return next(
            (r for r in self.rows if (r.kind, r.key, r.owner, r.is_archived) == (kind, key, owner, False)), None
        )

    def open_link(self, owner: int) -> Link | None:
        """Who pays."""
        return next((link for link in self.links if link.owner == owner and link.is_open), None)

    def merge(self, deed_id: int, survivor: int, absorbed: list[int], debtor: int | None) -> None:
        """Let one absorb others."""
        deed = Deed(deed_id, survivor, absorbed, sum(self.clips[one] for one in absorbed))
        opened = [link for one in (survivor, *absorbed) if (link := self.open_link(one)) is not None]
        kept = next((link for link in opened if debtor in (None, link.debtor)), None)
        for link in opened:
            if link is not kept:
                link.is_open, link.closed_by = False, deed
        for one in absorbed:
            self._take(deed, one)
            self.into[one] = survivor
            self.living.discard(one)
        self.clips[survivor] += deed.brought
        self.deeds.append(deed)

    def _take(self, deed: Deed, one: int) -> None:
        for row in [row for row in self.rows if row.owner == one and not row.is_archived]:
            kept = self.row(row.kind, row.key, deed.survivor)
            if kept is not None:
                row.is_archived = True
                deed.archived.append((row, kept))
                continue
            row.owner = deed.survivor
            deed.moved.append((row, one))
        for link in self.links:
            if link.owner == one:
                link.owner = deed.survivor
                deed.moved.append((link, one))

    def is_blocked(self, deed: Deed) -> bool:
        """Whether the merge cannot be undone as things are."""
        if deed.is_erased or deed.survivor in self.into or self.clips[deed.survivor] < deed.brought:
            return True
        moved = {id(row) for row, _owner in deed.moved}
        later = [one for one in self.deeds if one.is_live and one.id > deed.id and one.survivor == deed.survivor]
        decided = {id(kept) for one in later for _row, kept in one.archived}
        decided |= {id(link) for link in self.links if link.closed_by in later}
        return bool(moved & decided)

    def undo(self, deed: Deed) -> None:
        """Take a merge back."""
        deed.is_live = False
        for one in deed.absorbed:
            del self.into[one]
            self.living.add(one)
        for row, owner in deed.moved:
            if row.owner == deed.survivor:
                row.owner = owner
        for row, _kept in deed.archived:
            row.is_archived = False
        for link in reversed([link for link in self.links if link.closed_by is deed]):
            link.closed_by = None
            link.is_open = self.open_link(link.owner) is None
        self.clips[deed.survivor] -= deed.brought

    def erase(self, customer: int) -> None:
        """Erase a customer with its family; money rows stay where they are."""
        family = self.family(customer)
        for deed in self.deeds:
            deed.is_erased |= bool(family & {deed.survivor, *deed.absorbed})
        self.rows = [row for row in self.rows if row.owner not in family]
        self.homes = {key: customer if home in family else home for key, home in self.homes.items()}
        self.living.discard(customer)
        self.erased |= family

    def remove(self, row: Row) -> None:
        """A person takes a row away."""
        self.rows.remove(row)
        for deed in self.deeds:
            deed.moved = [(one, owner) for one, owner in deed.moved if one is not row]
