"""The toy world as a fixture: real reader, small card classes."""

import pytest

from coplan.scenario import reader
from tests.scenario import toys


@pytest.fixture
def world(tmp_path, monkeypatch):
    """A folder with toy cards and scenarios/base.yaml; it is the current folder."""
    monkeypatch.setattr(reader, "CARD_CLASSES", toys.CLASSES)
    monkeypatch.setattr(reader, "System", toys.System)
    monkeypatch.setattr(reader, "misfits", lambda *_: ())
    monkeypatch.chdir(tmp_path)
    toys.write_world(tmp_path)
    return tmp_path
