import pytest

from nasedu.widgets import base


@pytest.fixture
def outputs(monkeypatch):
    """What a notebook would hold: the outputs of a cell in order, each as (display_id, data)."""
    found = []

    def publish(data, metadata=None, *, transient=None, update=False):
        name = (transient or {}).get("display_id")
        if update:
            (place,) = [i for i, (other, _) in enumerate(found) if other == name]
            found[place] = (name, data)
        else:
            found.append((name, data))

    monkeypatch.setattr(base, "publish_display_data", publish)
    return found
