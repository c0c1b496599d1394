"""The rows of a page as HTML, written straight from Python: what is the same in every row is made once a page.

A template for each row would cost several times as much (see `gecko bench grid`). A grid with another `row_template`
than the standard one still gets its template.
"""

from __future__ import annotations

from collections.abc import Callable
from operator import attrgetter
from typing import Any

from flask_babel import gettext as _
from flask_wtf.csrf import generate_csrf
from markupsafe import Markup, escape

from .columns import Column, writer_of
from .rights import Rights
from .rows import Rows

_CHECKBOX = (
    '<td class="sel"><input type="checkbox" class="form-check-input" form="bulk" name="ids" value="{}"'
    ' aria-label="{} {}"></td>'
)
_RESTORE = (
    '<td class="act"><form method="post" action="{}"><input type="hidden" name="csrf_token" value="{}">'
    '<input type="hidden" name="id" value="{}"><input type="hidden" name="url" value="{}">'
    '<button class="btn btn-sm">{}</button></form></td>'
)
Cell = Callable[[Any], Any]


class RowMarkup(Rights, Rows):
    """Writing out rows."""

    def rows_html(self, page: Any, back: str) -> Markup:
        """All rows of a page."""
        write = self._row_writer(page, back)
        return Markup("\n".join(map(write, page.rows)))  # noqa: S704 (every value below is escaped)

    def _row_writer(self, page: Any, back: str) -> Callable[[Any], str]:
        may_edit, is_deleted = self.may_edit(), page.state.is_deleted
        has_bulk = self.has_bulk() and not is_deleted
        select = _("Select")
        cells = [self._cell_writer(column, page.values) for column in page.shown]
        openings = self._openings(page.shown[1:], may_edit and not is_deleted)
        first, rest = cells[0], list(zip(cells[1:], openings, strict=True))
        act = self._act_writer(may_edit=may_edit, is_deleted=is_deleted, back=back)

        def write(row: Any) -> str:
            title = escape(self.title_of(row))
            style = self.row_class(row) if self.row_class else ""
            parts = [f'<tr data-id="{row.id}" class="{escape(style)}">' if style else f'<tr data-id="{row.id}">']
            if has_bulk:
                parts.append(_CHECKBOX.format(row.id, select, title))
            name, url = escape(first(row)) or "–", self.row_url(row)
            linked = f'<a href="{escape(url)}">{name}</a>' if url else name
            parts.append(f'<th scope="row">{linked}</th>')
            parts += [f"{opening}{escape(cell(row))}</td>" for cell, opening in rest]
            parts.append(act(row, title))
            parts.append("</tr>")
            return "".join(parts)

        return write

    def _openings(self, columns: list[Column], is_editable: bool) -> list[str]:
        """The opening tag of each column's cells."""
        return [
            "<td"
            + (f' class="{column.css}"' if column.css else "")
            + (" data-edit" if is_editable and column.is_inline else "")
            + ">"
            for column in columns
        ]

    def _cell_writer(self, column: Column, extra: dict[str, dict[int, Any]]) -> Cell:
        formatter = self.column_formatters.get(column.name)
        if formatter is not None:
            return lambda row: "" if (shown := formatter(self, None, row, column.name)) is None else shown
        words = self.words(column.name)
        write = writer_of(column.kind, None if words is None else {key: str(word) for key, word in words.items()})
        if column.name in extra:
            values = extra[column.name]
            return lambda row: write(values.get(row.id))
        if "." in column.name:
            return lambda row: write(self.value(row, column))
        get = attrgetter(column.name) if hasattr(self.model, column.name) else (lambda _row: None)
        return lambda row: write(get(row))

    def _act_writer(self, *, may_edit: bool, is_deleted: bool, back: str) -> Callable[[Any, Any], str]:
        if is_deleted:
            action, token = self.get_url(".restore_view"), generate_csrf()  # type: ignore[attr-defined]
            label, url = escape(_("Restore")), escape(back)
            return lambda row, _title: _RESTORE.format(action, token, row.id, url, label)
        if not may_edit or not self.has_edit_link:
            return lambda _row, _title: ""
        label = escape(_("Edit"))
        return lambda row, title: (
            f'<td class="act"><a href="{escape(self.edit_url(row))}" aria-label="{label} {title}">✎</a></td>'
        )
