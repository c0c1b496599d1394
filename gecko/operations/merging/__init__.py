"""Merging customers: a plan to look at, the act itself, and the way back at any time."""

from ..survivors import resolve
from .acting import Unanswered, merge
from .erasing import Extent, erase, extent
from .foretelling import moving
from .planning import Kind, Line, Person, Plan, Question, plan
from .settling import JOINED
from .suggesting import Suggested, suggest_survivor
from .undoing import Blocked, Undone, undo

__all__ = [
    "JOINED", "Blocked", "Extent", "Kind", "Line", "Person", "Plan", "Question", "Suggested", "Unanswered", "Undone",
    "erase", "extent", "merge", "moving", "plan", "resolve", "suggest_survivor", "undo",
]  # fmt: skip
