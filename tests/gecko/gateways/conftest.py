"""The other sides: a real mail server and a gateway, each for one test."""

import pytest

from jobs.chaos.sink import Sink
from jobs.chaos.sms_fake import SmsFake


@pytest.fixture
def sink():
    with Sink() as server:
        yield server


@pytest.fixture
def fake():
    with SmsFake() as server:
        yield server
