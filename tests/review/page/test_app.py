"""The real server, asked over HTTP: who gets in, what is confirmed stays, whatever happens to the process."""

import re
import signal
import stat
import threading
import time
from pathlib import Path

import httpx2
import pytest

from finsmith.review.course import read_decisions

from .office import asked, make_office, rag, served

PAGE = Path(__file__).parents[3] / "src/finsmith/review/page/static"
ROUTES = ("/api/me", "/api/next", f"/api/cards/row/{rag(0).id}", "/api/pictures/0/1", "/api/search?words=a")
DECISIONS = "data/review/decisions"


def client(link):
    """A client as the page is one: the token from behind the # goes into a header."""
    origin, _, token = link.partition("/#")
    return httpx2.Client(base_url=origin, headers={"Authorization": f"Bearer {token}"}, timeout=20)


def said(card, verdict="accept", **more):
    told = {"kind": card["kind"], "row_id": card["id"], "seen": card["seen"], "verdict": verdict, "seconds": 7.5}
    if verdict == "accept" and card["kind"] == "sample":
        told["answers"] = [True, True, True]
    return told | more


def written(folder):
    return read_decisions(folder / DECISIONS).decisions


@pytest.fixture(scope="module")
def office(tmp_path_factory):
    return make_office(tmp_path_factory.mktemp("office"), rows=60, questions=4)


@pytest.fixture(scope="module")
def link(office):
    """A server that the tests of this module share."""
    with served(office, "--reviewer", "kim") as (_, links):
        yield links["kim"]


@pytest.fixture
def kim(link):
    with client(link) as one:
        yield one


def test_without_a_token_there_is_nothing(link):
    """No row and no name, of any route; the page itself holds none either."""
    with httpx2.Client(base_url=link.partition("/#")[0]) as stranger:
        for path in ROUTES:
            answer = stranger.get(path)
            assert answer.status_code == 401 and answer.json().keys() == {"error"}
            assert "kim" not in answer.text and rag(0).id not in answer.text
        assert (
            stranger.post("/api/decisions", json=said({"kind": "row", "id": rag(0).id, "seen": ""})).status_code == 401
        )
        for headers in ({"Authorization": "Basic eDp4"}, {"Cookie": "token=x"}):
            assert stranger.get("/api/next", headers=headers).status_code == 401
        assert "kim" not in stranger.get("/").text


def test_guessing_tokens_gets_slower(tmp_path):
    """The eighth wrong one takes most of a second; who has a right one is not kept waiting."""
    with served(make_office(tmp_path, rows=1), "--reviewer", "kim") as (_, links), client(links["kim"]) as kim:
        for _ in range(7):
            assert kim.get("/api/me", headers={"Authorization": "Bearer wrong"}).status_code == 401
        began = time.perf_counter()
        kim.get("/api/me", headers={"Authorization": "Bearer wrong"})
        assert time.perf_counter() - began > 0.7
        began = time.perf_counter()
        assert kim.get("/api/me").status_code == 200
        assert time.perf_counter() - began < 0.7


def test_another_site_cannot_reach_it_by_a_name_bent_to_this_machine(kim):
    """DNS rebinding sends the other site's name."""
    assert kim.get("/api/me", headers={"Host": "evil.example:8765"}).status_code == 421
    assert kim.get("/api/me", headers={"Host": "localhost:8765"}).status_code == 200


def test_answers_are_kept_nowhere_and_run_nothing_foreign(kim):
    """Of the page, of rows and of refusals."""
    for path in ("/", "/main.js", "/api/me", "/api/cards/row/none", "/nothing"):
        headers = kim.get(path).headers
        assert headers["cache-control"] == "no-store" and headers["x-content-type-options"] == "nosniff"
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy and "script-src 'self'" in policy and "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy and "set-cookie" not in headers
        assert "access-control-allow-origin" not in headers and "server" not in headers


def test_the_page_is_served_whole_and_needs_no_network(kim):
    """Each file with its type; none names another host."""
    for path in PAGE.iterdir():
        answer = kim.get("/" if path.name == "index.html" else f"/{path.name}")
        assert answer.status_code == 200 and answer.content == path.read_bytes()
        assert not re.search(r"https?://(?!www\.w3\.org/2000/svg)", answer.text)
    assert kim.get("/main.js").headers["content-type"].startswith("text/javascript")
    assert kim.get("/../app.py").status_code == kim.get("/%2e%2e/app.py").status_code == 404


def test_a_decision_is_in_the_file_when_the_answer_comes(kim, office):
    """Confirmed by 201; one that had not seen it gets 409."""
    card = kim.get("/api/next").json()["card"]
    before = kim.get("/api/me").json()["progress"]["decided"]
    answer = kim.post("/api/decisions", json=said(card, "reject", reason="원문과 다르다"))
    assert answer.status_code == 201 and answer.json()["progress"]["decided"] == before + 1
    assert written(office)[-1].id == answer.json()["decision"]["id"]
    assert kim.post("/api/decisions", json=said(card)).status_code == 409
    assert kim.get("/api/next").json()["card"]["id"] != card["id"]


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"verdict": "maybe"}, "verdict"),
        ({"verdict": "reject"}, "reason"),
        ({"seconds": -1}, "seconds"),
        ({"reviewer": "lee"}, "reviewer"),
        ({"row_id": "none"}, "not among your rows"),
        ({"edit": {"output": " "}}, "would be empty"),
    ],
)
def test_what_cannot_be_taken_is_told(kim, office, change, why):
    """With a sentence, and nothing is written; nobody can decide in another's name."""
    count = len(written(office))
    card = kim.get("/api/next").json()["card"]
    answer = kim.post("/api/decisions", json=said(card) | change)
    assert answer.status_code == 422 and why in answer.json()["error"]
    assert len(written(office)) == count


def test_requests_out_of_bounds_are_refused(kim):
    """A body of megabytes, no JSON, a kind that is none, a page of no passage."""
    assert kim.post("/api/decisions", content=b"x" * 2_000_000).status_code == 413
    assert kim.post("/api/decisions", content=b"{").status_code == 422
    assert kim.get("/api/next?kind=secret").status_code == kim.get("/api/next?after=x").status_code == 422
    assert kim.get("/api/cards/row/none").status_code == kim.get(f"/api/pictures/{'0' * 16}/2").status_code == 404
    assert kim.delete("/api/decisions").status_code == 405


def test_a_page_is_drawn_with_its_passage_marked(kim):
    """As PNG, with where the passage begins; a document that has changed is told by name."""
    [source, *_] = kim.get(f"/api/cards/row/{rag(0).id}").json()["card"]["sources"]
    answer = kim.get(f"/api/pictures/{source['id']}/2")
    assert answer.content.startswith(b"\x89PNG") and answer.headers["content-type"] == "image/png"
    assert float(answer.headers["passage-top"]) == pytest.approx(154.2 / 842, abs=0.01)  # points of an A4 page


def test_rows_come_in_under_a_tenth_of_a_second(kim):
    """The next row, a decision, a search."""
    kim.get("/api/next")
    for ask in (
        lambda: kim.get("/api/next"),
        lambda: kim.post("/api/decisions", json=said(kim.get(f"/api/cards/row/{rag(50).id}").json()["card"], "skip")),
        lambda: kim.get("/api/search?words=보고책임자"),
    ):
        times = []
        for _ in range(5):
            began = time.perf_counter()
            assert ask().is_success
            times.append(time.perf_counter() - began)
        assert min(times) < 0.1


def test_two_people_at_once_lose_nothing(tmp_path):
    """Each judges until no row is left; what both were told is confirmed stands in their files, each row once."""
    folder = make_office(tmp_path, rows=40, questions=10, sample=0)
    confirmed = {"kim": [], "lee": []}
    with served(folder, "--reviewer", "kim") as (_, first), served(folder, "--reviewer", "lee") as (_, second):

        def work(name, link):
            with client(link) as one:
                while card := one.get("/api/next").json()["card"]:
                    confirmed[name].append(one.post("/api/decisions", json=said(card)).json()["decision"]["id"])

        threads = [threading.Thread(target=work, args=pair) for pair in (*first.items(), *second.items())]
        for one in threads:
            one.start()
        for one in threads:
            one.join()
    for name, ids in confirmed.items():
        assert ids and [one.id for one in written(folder) if one.reviewer == name] == ids
    assert {one.row_id for one in written(folder)} == {
        *(rag(number).id for number in range(40)),
        *(asked(number).id for number in range(10)),
    }


def test_two_tabs_of_a_person_never_overwrite_each_other(link, office):
    """They go for the same row: one is taken, the other is told to look again."""
    with client(link) as one, client(link) as other:
        card = one.get("/api/next").json()["card"]
        ready, answers = threading.Barrier(2), []

        def work(tab, verdict, **more):
            ready.wait()
            answers.append(tab.post("/api/decisions", json=said(card, verdict, **more)).status_code)

        threads = [
            threading.Thread(target=work, args=(one, "accept")),
            threading.Thread(target=work, args=(other, "reject"), kwargs={"reason": "금리"}),
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert sorted(answers) == [201, 409]
    assert sum(one.row_id == card["id"] for one in written(office)) == 1


def test_a_killed_server_loses_nothing_that_was_confirmed(tmp_path):
    """kill -9 in the midst of decisions, three times; the link stays good, and one goes on where one was."""
    folder, confirmed, token = make_office(tmp_path, rows=30, questions=0, sample=0), [], ""
    for _ in range(3):
        with served(folder, "--reviewer", "kim") as (process, links):
            token = token or links["kim"].partition("/#")[2]
            with client(f"{links['kim'].partition('/#')[0]}/#{token}") as kim:
                threading.Timer(0.15, process.kill).start()
                try:
                    while card := kim.get("/api/next").json()["card"]:
                        answer = kim.post("/api/decisions", json=said(card))
                        if answer.status_code == 201:
                            confirmed.append(answer.json()["decision"]["id"])
                except httpx2.TransportError:
                    pass
    found = [one.id for one in written(folder)]
    assert confirmed and len(found) == len(set(found)) and set(confirmed) <= set(found)
    assert read_decisions(folder / DECISIONS).rejects == []


def test_ctrl_c_ends_it_with_a_word_on_what_is_next(tmp_path):
    """Status 0, no traceback, and how far each one is."""
    folder = make_office(tmp_path, rows=3, questions=0, sample=0)
    with served(folder, "--reviewer", "kim") as (process, links):
        with client(links["kim"]) as kim:
            kim.post("/api/decisions", json=said(kim.get("/api/next").json()["card"]))
        process.send_signal(signal.SIGINT)
        told = process.stdout.read()
        assert process.wait(10) == 0
    assert "kim: 1 decided, 2 open" in told and "dvc repro" in told
    assert stat.S_IMODE((folder / ".finsmith/review/links.json").stat().st_mode) == 0o600


def test_each_reviewer_of_the_parameters_gets_a_link(tmp_path):
    """And the adjudicator; a link says who it is."""
    people = {"reviewers": ["kim", "lee"], "adjudicator": "park"}
    with served(make_office(tmp_path, rows=3, **people)) as (_, links):
        for name in ("kim", "lee", "park"):
            with client(links[name]) as one:
                assert one.get("/api/me").json()["reviewer"] == name


def refused(folder, *arguments):
    """What the command says that ends with status 1."""
    with served(folder, *arguments) as (process, _):
        assert process.wait(20) == 1


def test_what_stands_in_the_way_is_a_sentence(tmp_path, capfd):
    """A taken port, a name that nobody knows, no rows yet."""
    folder = make_office(tmp_path, rows=1, reviewers=["kim"])
    with served(folder, "--reviewer", "kim") as (_, links):
        refused(folder, "--port", links["kim"].partition("/#")[0].rpartition(":")[2])
    assert "cannot be listened on" in capfd.readouterr().err
    refused(folder, "--reviewer", "mallory")
    assert "`review.reviewers` has kim" in capfd.readouterr().err
    (folder / "data/filtered/kept.jsonl").unlink()
    refused(folder)
    told = capfd.readouterr().err
    assert "run `dvc repro`" in told and "Traceback" not in told


def test_an_open_host_is_told_to_want_tls(tmp_path):
    """Loopback is not."""
    folder = make_office(tmp_path, rows=1)
    for host, says in (("0.0.0.0", True), ("127.0.0.1", False)):
        with served(folder, "--reviewer", "kim", "--host", host) as (process, _):
            process.send_signal(signal.SIGINT)
            assert ("TLS" in " ".join(process.told)) is says
