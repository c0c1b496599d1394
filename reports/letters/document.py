"""Many letters as one PDF."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import IO

from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas

from gecko.operations.letters.sheets import Letter

from . import fonts, paging


@dataclass(frozen=True, slots=True)
class Printed:
    """How many letters a document holds, and on how many pages."""

    letters: int
    pages: int


def write(
    file: IO[bytes], letters: Iterable[Letter], *, title: str, progress: Callable[[int], None] | None = None
) -> Printed:
    """Write the letters, each beginning on a page of its own; there must be at least one.

    The same letters make the same bytes. progress: told letters done after each; it may raise to stop.
    """
    fonts.register()
    canvas = Canvas(file, pagesize=A4, pageCompression=1, invariant=1)
    canvas.setTitle(title)
    done = pages = 0
    for done, letter in enumerate(letters, start=1):
        pages += paging.draw(canvas, letter)
        if progress:
            progress(done)
    canvas.save()
    return Printed(done, pages)
