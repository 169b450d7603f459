"""The bench itself, with tiny numbers: it runs to its end and writes what it says it writes."""

import json
import subprocess
import sys
import time

import pytest

from tests.bench import answers, figures, load, tools
from tests.bench.__main__ import main
from tests.bench.bounds import Watch, of, of_family
from tests.bench.figures import Figure
from tests.bench.limits import at_most, of_peer
from tests.faults.posting import until
from tests.services import ROOT

MEASURED = (
    "launch.unsigned",
    "launch.rsa",
    "launch.full",
    "claim.rows",
    "freeze.rows",
    "mail.signed",
    "mail.fill",
    "mail.naive",
    "mail.publish",
    "images.set",
    "images.sharp",
    "kits.partner",
    "list of launches",
    "import.copy",
    "import.rss",
    "segment.count",
    "frozen",
    "pixel",
    "proofwall",
    "routing.rate",
    "launch.first_mail",
    "launch.rss",
    "lead.first_answer_p50",
    "lead.first_answer_p99",
    "nurture.steps",
    "nurture.lag_p99",
    "nurture.publish",
    "ledger.transfers",
    "ledger.balance",
    "ledger.verify",
    "report.page",
    "report.audit",
    "score.auc",
)


@pytest.mark.timeout(900)
def test_every_case_is_measured_and_written(tmp_path):
    out = tmp_path / "bench.json"
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench", "--quick", "--out", str(out)],
        cwd=ROOT, capture_output=True, text=True, check=False, timeout=880,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    found = json.loads(out.read_text())
    assert set(found) == {"machine", "versions", "results"}
    assert found["machine"]["cores"] >= 1
    assert found["versions"]["python"]
    for word in MEASURED:
        assert any(word in each["name"] + each["what"] for each in found["results"]), word
    for name, words in NAMED.items():
        assert words in {
            each.get("bound") for each in found["results"] if each["name"].startswith(name)
        }
    curve = [each["bounded_by"] for each in found["results"]
             if each["name"].startswith(("launch.unsigned", "launch.full"))]  # fmt: skip
    assert len(curve) > 1
    assert all("PostgreSQL" in said and "sink" in said and "workers" in said for said in curve)
    for each in found["results"]:
        assert {"name", "what", "value", "unit", "peer", "peer_value", "ratio"} <= set(each)
        assert each["value"] > 0, each
        assert each["name"].split(",")[0] in done.stdout
        if each["peer"] is None:
            assert each["reason"]
            assert each["peer_value"] is each["ratio"] is None
        else:
            assert each["peer_value"] > 0, each
            assert each["ratio"] == pytest.approx(each["value"] / each["peer_value"], rel=0.01)


def test_a_launch_that_ends_before_the_last_form_is_no_measurement():
    answers.outlasted(1, 100)
    with pytest.raises(AssertionError, match="the last of 100 forms"):
        answers.outlasted(0, 100)


def test_a_case_nobody_knows_is_refused_by_name(capsys):
    with pytest.raises(SystemExit) as ended:
        main(["weather"])
    said = capsys.readouterr().err
    assert ended.value.code == 2
    assert "no case weather" in said
    assert "usage" in said


def test_cases_take_turns_and_the_median_counts():
    order = []
    values = iter([1.0, 50.0, 9.0, 60.0, 3.0, 70.0])

    def case(name):
        order.append(name)
        return next(values)

    found = figures.in_turn(3, ours=lambda: case("a"), peer=lambda: case("b"))
    assert order == ["a", "b", "a", "b", "a", "b"]
    assert found == {"ours": 3.0, "peer": 60.0}


NAMED = {
    "launch.unsigned": "at least 60% of it", "launch.rsa": "at least 40% of it",
    "launch.full": "at least 35% of it", "claim.rows": "at least 15,000",
    "freeze.rows": "at least 100,000", "import.copy": "at least 25% of it",
    "tracking.pixel": "at least 50% of it", "launch.first_mail": "at most 3 s",
    "launch.rss": "at most 150 MB",
}  # fmt: skip


def test_a_bound_says_whether_it_is_kept_and_nothing_where_its_peer_is_missing():
    kept = Figure(name="a", value=60.0, unit="u", peer="p", peer_value=100.0, bound=of_peer(0.6))
    missed = Figure(
        name="b", value=151.0, unit="MB", peer=None, reason="r", bound=at_most(150, "MB")
    )
    alone = Figure(name="c", value=60.0, unit="u", peer=None, reason="r", bound=of_peer(0.6))
    assert [each.is_kept for each in (kept, missed, alone)] == [True, False, None]
    assert [each.record()["kept"] for each in (kept, missed, alone)] == [True, False, None]
    assert figures.verdict([kept, missed, alone]) == (
        "1 of 3 bounds are kept, 1 could not be compared\n  not kept: b, at most 150 MB"
    )
    assert "NOT KEPT: at most 150 MB" in figures.table([missed])


def test_a_peer_that_cannot_be_had_is_null_with_its_reason():
    alone = Figure(name="n", value=12.0, unit="u", peer=None, reason="not on this machine")
    assert alone.record() == {
        "name": "n", "what": "", "value": 12.0, "unit": "u", "peer": None, "peer_value": None, "ratio": None,
        "reason": "not on this machine",
    }  # fmt: skip
    assert "none: not on this machine" in figures.table([alone])


def test_a_tool_that_nobody_has_says_why(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setitem(tools.NEEDS, "smtp-surely-not", ("no-such-package",))
    found = tools.find("smtp-surely-not", tmp_path)
    assert found.path is None
    assert found.reason == "smtp-surely-not is not on this machine (no apt-get to fetch it with)"


def test_what_wrk_says_is_read_and_refusals_are_not_counted_as_speed():
    said = "  50%  1.20ms\n  99%   1.36s \n  75 requests in 3.05s\nRequests/sec:   24.60\n"
    assert load._read(said) == load.Answered(75, 24.60, 1360.0)
    with pytest.raises(AssertionError, match="Non-2xx"):
        load._read(said + "Non-2xx or 3xx responses: 3\n")


def test_without_wrk_our_own_client_asks(tmp_path):
    from tcma.embedded.process import free_port, listens, spawn, wait_until

    port = free_port()
    server = spawn(
        [sys.executable, "-m", "http.server", "--bind", "127.0.0.1", "-d", str(tmp_path), str(port)],
        name="files", log=tmp_path / "log",
    )  # fmt: skip
    wait_until(server, lambda: listens(port))
    nothing = tools.Tool("wrk", None, {}, "none")
    try:
        found = load.pressed(
            nothing, port, ["/"], seconds=0.2, cookie="a=1", folder=tmp_path / "load"
        )
    finally:
        server.stop()
    assert found.rate > 0
    assert found.p99 > 0


def test_who_used_the_processors_is_named_first_the_ended_children_of_a_family_with_it():
    busy = "import subprocess, sys\nwhile True: sum(range(10**6))"
    parent = (
        "import subprocess, sys, time\n"
        "while True: subprocess.run([sys.executable, '-c', 'sum(range(10**6))']); time.sleep(0.01)"
    )
    running = [
        subprocess.Popen([sys.executable, "-c", code])
        for code in (busy, parent, "import time; time.sleep(60)")
    ]
    watch = Watch(
        loop=of(running[0].pid), family=of_family(running[1].pid), sleeper=of(running[2].pid)
    )
    try:
        until(lambda: watch.groups["family"]() > 0.05, 60, what="a child that has ended")
        watch.during(lambda: time.sleep(1))
    finally:
        for each in running:
            each.kill()
            each.wait()
    assert watch.shares["loop"] > watch.shares["sleeper"] == 0
    assert watch.shares["family"] > 0
    assert watch.words().partition(":")[0].split()[-1] in ("loop", "family")
    alone = Figure(name="n", value=12.0, unit="u", peer=None, reason="none", bounded_by="loop: x")
    assert alone.record()["bounded_by"] == "loop: x"
    assert "12 u, bound by loop: x" in figures.curve([alone])
