"""The customer profile: one module for each tab; TABS and ACTIONS are listed in `registry`."""

from .registry import ACTIONS, TABS
from .tabs import Action, Post, Profile, Tab

__all__ = ["ACTIONS", "TABS", "Action", "Post", "Profile", "Tab"]
