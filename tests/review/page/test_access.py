"""Links: whose a token is, how long, and that the file gives none away."""

import json
import stat

import pytest

from finsmith.review.page import access
from finsmith.review.page.access import Access, Patience, is_loopback, is_ours


@pytest.fixture
def links(tmp_path):
    return Access(tmp_path / "links.json")


def test_a_link_says_whose_it_is(links):
    """Each link is its reviewer's, an earlier one too; any other token is nobody's."""
    first, second, lee = (links.link(name, "http://h:1").partition("#")[2] for name in ("kim", "kim", "lee"))
    assert len({first, second, lee}) == 3 and len(first) >= 43  # 256 bits in base64
    assert [links.reviewer(one) for one in (first, second, lee)] == ["kim", "kim", "lee"]
    assert [links.reviewer(one) for one in ("", first[:-1], first + "a", "금융")] == [""] * 4


def test_the_file_gives_no_token_away(links, tmp_path):
    """Its owner alone reads it, and it holds hashes."""
    token = links.link("kim", "http://h:1").partition("#")[2]
    path = tmp_path / "links.json"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert token not in path.read_text("utf-8")
    assert token[:10] not in json.dumps(links._valid())


def test_links_end(links, monkeypatch):
    """After 30 days, and when they are made void."""
    token = links.link("kim", "http://h:1").partition("#")[2]
    day = access.time.time() + 29 * 86_400
    monkeypatch.setattr(access.time, "time", lambda: day)
    assert links.reviewer(token) == "kim"
    monkeypatch.setattr(access.time, "time", lambda: day + 2 * 86_400)
    assert links.reviewer(token) == ""
    other = links.link("kim", "http://h:1").partition("#")[2]
    links.forget()
    assert links.reviewer(other) == ""


def test_who_tries_tokens_waits(monkeypatch):
    """The first few not, then longer each time up to five seconds; another address not; forgotten after a while."""
    patience = Patience()
    waits = [patience.wait("1.2.3.4") for _ in range(30)]
    assert waits[:5] == [0.0] * 5 and waits[5:8] == pytest.approx([0.2, 0.4, 0.8]) and max(waits) == waits[-1] == 5.0
    assert patience.wait("1.2.3.5") == 0.0
    later = access.time.monotonic() + 301
    monkeypatch.setattr(access.time, "monotonic", lambda: later)
    assert patience.wait("1.2.3.4") == 0.0


def test_many_addresses_take_no_memory():
    """A thousand are remembered."""
    patience = Patience()
    for number in range(3000):
        patience.wait(str(number))
    assert len(patience._wrong) == 1000


@pytest.mark.parametrize(
    ("host", "ours"),
    [
        ("localhost:8765", True),
        ("LOCALHOST", True),
        ("127.0.0.1:8765", True),
        ("[::1]:8765", True),
        ("10.0.0.7", True),
        ("evil.example:8765", False),
        ("127.0.0.1.evil.example", False),
        ("localhost.evil.example", False),
        ("", False),
        ("[::1].evil.example", False),
    ],
)
def test_another_name_is_not_ours(host, ours):
    """A site whose name was bent to this machine still sends its name."""
    assert is_ours(host, frozenset({"localhost"})) is ours


def test_what_loopback_is():
    """127.0.0.0/8, ::1 and localhost."""
    assert [is_loopback(one) for one in ("127.0.0.1", "127.1.2.3", "::1", "localhost", "0.0.0.0", "10.0.0.1")] == [
        *[True] * 4,
        False,
        False,
    ]
