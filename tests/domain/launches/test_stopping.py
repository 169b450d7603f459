"""A vendor stops a campaign for every partner: nothing begins after it, nobody is lost, it goes on."""

import json

import pytest
from sqlalchemy import text

from tcma.cli.main import main
from tcma.delivery import claims, running
from tcma.errors import Conflict, Invalid, NotFound
from tcma.jobs import Job
from tcma.launches import actions, expansion, stopping
from tcma.launches.rules import LaunchState
from tcma.library.copy_queries import page_at
from tcma.library.rules import PageState
from tests.builders import mira
from tests.faults.posting import posting
from tests.pages import Visitor, app_of

SLUG, WHY = "cloud-migration", "The price in the offer is wrong"


@pytest.fixture
def stage(db, staged):
    made = staged(count=30)
    with db() as work:
        made.mira = mira(work, made.vendor_id)
    return made


def stopped(stage, **facts):
    with stage.db(stage.mira) as work:
        return stopping.stop_campaign(work, SLUG, reason=WHY, **facts)


def lifted(stage):
    with stage.db(stage.mira) as work:
        stopping.lift_stop(work, SLUG)


def frozen(stage, ref):
    with stage.db() as work:
        due = expansion.claim_due(work)
    if due is None:
        return None
    with stage.db() as work:
        compiled = expansion.compile_due(work, due)
    with stage.db() as work:
        return expansion.freeze_due(work, due, compiled)


def told(stage):
    with stage.db() as work:
        return work.session.scalars(text("select subject from message_body order by 1")).all()


def test_nothing_begins_after_the_stop_not_even_what_a_worker_holds(stage):
    ref = stage.started()
    mailing_id = frozen(stage, ref)
    with stage.db() as work:
        worker = claims.register_worker(work, host="h", pid=1, journal="j")
    lease = worker << 32 | 1
    with stage.db() as work:
        held = [c.id for c in claims.claim(work, mailing_id, lease=lease, most=10)]
    with stage.db() as work:
        assert claims.intend(work, held[:4], lease=lease) == held[:4]
    stopped(stage)
    with stage.db() as work:
        assert claims.intend(work, held[4:], lease=lease) == []
        assert claims.claim(work, mailing_id, lease=lease + 1, most=10) == []
        assert [each.id for each in running.active_mailings(work) if each.id == mailing_id] == []
    lifted(stage)
    with stage.db() as work:
        assert claims.intend(work, held[4:], lease=lease) == held[4:]
        assert len(claims.claim(work, mailing_id, lease=lease + 1, most=100)) == 20


def test_a_stopped_launch_says_why_and_goes_on_to_everybody_afterwards(stage, tmp_path, smtp_sink):
    ref = stage.started(mails="first")
    frozen(stage, ref)
    held = stopped(stage)
    assert (held.launches, held.partners) == (1, 1)
    with posting(stage.db, tmp_path, smtp_sink.url) as ring:
        ring()
        assert not [key for key in smtp_sink.keys if smtp_sink.to("p0@example.org")]
        seen = stage.detail(ref)
        assert seen.line.shown_state == "held_back"
        assert f"{WHY}." in seen.why_waiting
        assert seen.equation.waiting == 30
        lifted(stage)
        ring()
        ring(Job.LAUNCH_SETTLE)
    assert (stage.detail(ref).equation.sent, stage.detail(ref).equation.holds) == (30, True)
    assert stage.detail(ref).line.shown_state == LaunchState.FINISHED
    assert len([s for s in told(stage) if "is stopped for now" in s or "goes on" in s]) == 2


def test_what_has_not_begun_waits_and_twice_is_once(stage):
    stage.started()
    draft = stage.planned(key="later")
    stopped(stage)
    assert frozen(stage, None) is None
    with stage.db(stage.alice) as work, pytest.raises(Invalid, match=WHY):
        actions.start_launch(work, draft)
    stopped(stage)
    assert len(told(stage)) == 1
    with stage.db(stage.alice) as work, pytest.raises(NotFound):
        stopping.lift_stop(work, SLUG)
    lifted(stage)
    with stage.db(stage.mira) as work, pytest.raises(Conflict):
        stopping.lift_stop(work, SLUG)
    with stage.db(stage.mira) as work, pytest.raises(Invalid, match="Say why"):
        stopping.stop_campaign(work, SLUG, reason="  ")
    assert frozen(stage, None)


def test_lifting_brings_pages_back_and_leaves_what_a_partner_paused(stage):
    ref = stage.started()
    frozen(stage, ref)
    with stage.db(stage.alice) as work:
        actions.pause_launch(work, ref)
        path = work.session.scalar(text("select path from page"))
    states = []
    for recall in (True, False):
        for act in (lambda how=recall: stopped(stage, recall_pages=how), lambda: lifted(stage)):
            act()
            with stage.db() as work:
                states.append(page_at(work.session, path).state)
    assert states == [PageState.RECALLED, PageState.LIVE, PageState.LIVE, PageState.LIVE]
    assert stage.detail(ref).line.state is LaunchState.PAUSED


def test_desk_and_command_line_stop_and_resume_with_a_reason(stage, tmp_path, monkeypatch, capsys):
    stage.started()
    app = app_of(stage.db, tmp_path)
    with stage.db() as work:
        slug = work.session.scalar(text("select slug from vendor"))
        email = work.session.scalar(
            text("select email from user_account where id = :id"), {"id": stage.mira.user_id}
        )
    desk = Visitor(app, email)
    assert desk.post(f"/desk/launches/campaigns/{SLUG}/stop", reason="").status == 422
    assert desk.post(f"/desk/launches/campaigns/{SLUG}/stop", reason=WHY, recall="1").status == 303
    page = desk.get("/desk/launches/campaigns")
    assert f"{WHY}." in page.words
    assert "Its pages are off the web" in page.words
    monkeypatch.setenv("TCMA_DATABASE_URL", stage.db.url)
    monkeypatch.setenv("TCMA_DATA", str(tmp_path))
    whose = ["--vendor", slug, "--json"]
    assert main(["campaign", "resume", SLUG, *whose]) == 0
    assert main(["campaign", "resume", SLUG, *whose]) == 1
    assert main(["campaign", "stop", "nothing", "--reason", WHY, *whose]) == 2
    assert main(["campaign", "stop", SLUG, "--reason", WHY, *whose]) == 0
    capsys.readouterr()
    assert main(["campaign", "list", *whose]) == 0
    assert json.loads(capsys.readouterr().out)[0]["stopped"] == f"{WHY}."
    assert desk.post(f"/desk/launches/campaigns/{SLUG}/resumption").status == 303
    assert "is stopped" not in desk.get("/desk/launches/campaigns").words


@pytest.mark.parametrize(
    ("locale", "subject", "button", "says"),
    [
        ("de-DE", "ist vorerst gestoppt", "Ansehen", "wartet, und niemand geht verloren."),
        ("fr-FR", "est arrêté pour l’instant", "Voir", "personne n’est perdu."),
        ("es-ES", "se ha detenido por ahora", "Verlo", "nadie se pierde."),
        ("ja-JP", "は当面停止しています", "見る", "失われる人はいません。"),
    ],
)
def test_a_stop_is_told_in_the_language_of_whoever_reads_it(stage, locale, subject, button, says):
    with stage.db() as work:
        work.session.execute(text("update user_account set locale = :l"), {"l": locale})
    stage.started()
    stopped(stage)
    with stage.db() as work:
        head, plain, html = work.session.execute(
            text("select subject, plain, html from message_body order by message_id desc limit 1")
        ).one()
    assert subject in head
    assert f"\n{button}:\n" in plain
    assert says in plain
    assert WHY in plain, "the vendor's own words stay"
    assert f'<html lang="{locale[:2]}">' in html
