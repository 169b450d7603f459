"""People press, leave, come back, move and change their mind while real workers send to them."""

import re
import time

import pytest
from sqlalchemy import text

from tcma.contacts import actions as contacts
from tcma.contacts.editing import Edited, edit_contact
from tcma.contacts.rules import LawfulBasis
from tcma.delivery import actions, feedback
from tcma.delivery.feedback_parse import Feedback
from tcma.delivery.feedback_reasons import Action
from tcma.delivery.links import Purpose
from tcma.delivery.rules import INTENT, MessageState, Reason
from tcma.errors import Invalid
from tcma.forgetting import forget
from tcma.library import actions as library
from tcma.library import importer
from tcma.partners import brand
from tcma.permissions import SYSTEM
from tcma.rendering.source import read_folder
from tests.builders import FULL_PROFILE, TEMPLATES, acting
from tests.faults.posting import REST_S, START_S, a_mailing, until
from tests.pages import app_of
from tests.soak.together import together
from workers.lines import LINES

pytestmark = pytest.mark.timeout(400)
WAITING = (MessageState.READY, MessageState.LEASED)
MANY = 5 * LINES * INTENT
"""More than both workers have in hand at once."""
OURS = re.compile(rb"/[a-z]/[A-Za-z0-9_.=-]+|p\d+@[a-z0-9.]+|Person[ _]\d+|[A-Za-z0-9_-]{20,}")


def test_s13_two_schedulers_and_two_workers_share_a_mailing_and_a_dead_leader_is_followed(running):
    number, domain = running.mailing(600)
    follower = running.plant.start("workers.scheduler")
    leads = "select count(*) from pg_locks where locktype = 'advisory' and granted"
    until(lambda: running.one(leads), START_S, what="a leader")
    running.scheduler.kill()
    running.scheduler.wait()
    running.scheduler = follower
    begun = time.monotonic()
    with running.db() as work:  # nobody is rung for it: who leads finds it
        other = running.domain()
        found = a_mailing(work, 10, domain=other)
    until(lambda: running.of(found, MessageState.SENT), 15, what="the next leader")
    assert time.monotonic() - begun < 15
    assert running.rests(number, domain).sent == 600
    assert running.rests(found, other).sent == 10


def test_s18_paused_and_resumed_a_hundred_times_nobody_gets_two_and_nobody_is_skipped(running):
    running.sink.order("slow")
    number, domain = running.mailing(3_000)
    running.begins(number)
    begun = time.monotonic()
    for turn in range(100):
        with running.db() as work:
            actions.pause_mailing(work, number, reason="Paused.")
        if turn % 25 == 0:
            at, before = time.monotonic(), len(running.sink.kept(f"@{domain}"))
            until(
                lambda: not running.sending(number), START_S, what="the end of what was on the wire"
            )
            quiet = len(running.sink.kept(f"@{domain}"))
            assert time.monotonic() - at < 2
            assert quiet - before <= INTENT * LINES * len(running.workers)
            time.sleep(0.3)
            assert len(running.sink.kept(f"@{domain}")) == quiet
        with running.db() as work:
            actions.resume_mailing(work, number)
    assert time.monotonic() - begun < 60
    assert running.of(number, *WAITING)
    found = running.rests(number, domain)
    assert (found.sent, found.skipped) == (3_000, 0)


def test_s19_cancelled_at_a_third_the_rest_is_cancelled_and_nothing_leaves_after_two_seconds(
    running,
):
    running.sink.order("slow")
    number, domain = running.mailing(2_400)
    running.begins(number, 800)
    with running.db() as work:
        assert actions.cancel_mailing(work, number) > 0
    time.sleep(2)
    then = len(running.sink.kept(f"@{domain}"))
    found = running.rests(number, domain)
    assert found.sent == then == 2_400 - found.cancelled
    assert found.cancelled > 0


def test_s20_who_stops_while_it_runs_is_skipped_whose_intent_was_committed_got_it(running):
    stage = running.stage(MANY)
    earlier = running.launched(stage, "first")
    running.rests(earlier, stage.domain)
    by_contact = {row["contact_id"]: row["id"] for row in running.of(earlier, MessageState.SENT)}
    number = running.launched(stage, "second")
    running.held(number)
    sent = running.of(number, MessageState.SENT)[:9] + running.sending(number)[:9]
    waiting = running.of(number, *WAITING)[-30:]
    ways = (Action.COMPLAINT, Action.HARD, None)
    with running.db() as work:
        for n, row in enumerate([*sent, *waiting]):
            stops(work, by_contact[row["contact_id"]], row["address"], ways[n % 3])
    running.rests(number)
    ends = {row["id"]: (row["state"], row["reason"]) for row in running.of(number, *MessageState)}
    assert {ends[row["id"]][0] for row in sent} == {MessageState.SENT}
    meant = (Reason.COMPLAINT, Reason.HARD_BOUNCE, Reason.UNSUBSCRIBED)
    for n, row in enumerate(waiting):
        assert ends[row["id"]] == (MessageState.SKIPPED, meant[(n + len(sent)) % 3])
    assert sum(state == MessageState.SENT for state, _ in ends.values()) == MANY - len(waiting)


def stops(work, message, address, action):
    """By the link of an earlier mail, or by what came back of it."""
    signer = work.site.signer
    if action is None:
        feedback.unsubscribe(work, signer.message_token(Purpose.UNSUBSCRIBE, message))
        return
    key = f"<{signer.message_token(Purpose.MESSAGE_ID, message)}@partner.example>"
    item = Feedback(recipient=address, action=action, message_id=key)
    feedback.record(work, "mailbox", f"{message}", [item])


def test_s21_who_comes_goes_or_moves_meanwhile(running):
    stage = running.stage(MANY)
    number = running.launched(stage)
    running.held(number)
    gone, moved = running.of(number, *WAITING)[-2:]
    with stage.db(stage.alice) as work:
        contacts.import_addresses(work, f"new@{stage.domain}", list_id=stage.list_id)
        forget(work, gone["contact_id"])
        new = Edited(address=f"moved@{stage.domain}", standard={"first_name": "Person"})
        edit_contact(work, moved["contact_id"], new)
    found = running.rests(number, stage.domain)
    assert (found.expected, found.sent, found.skipped) == (MANY, MANY - 1, 1)
    ends = {row["id"]: row for row in running.of(number, *MessageState)}
    assert ends[gone["id"]]["reason"] == Reason.DELETED
    assert ends[moved["id"]]["state"] == MessageState.SENT
    told = running.sink.file.read_text()
    assert f"{moved['address']} " in told
    assert "moved@" not in told
    assert "new@" not in told


def test_s22_template_and_brand_change_nothing_of_what_runs_and_a_link_at_once(running, tmp_path):
    stage = running.stage(MANY)
    mails = running.sink.folder / "mails"
    mails.mkdir()
    number = running.launched(stage)
    running.held(number)
    with running.db() as work:
        files = dict(read_folder(TEMPLATES / "cloud-migration"))
        files["invite.mjml"] = files["invite.mjml"].replace(
            b"<mj-text", b"<mj-text color='#c00'", 1
        )
        imported = importer.import_files(acting(work, SYSTEM), stage.vendor_id, files)
        library.publish(work, version_id=imported.version_id)
        fields = FULL_PROFILE | {"name": "Renamed", "primary": "#cc0000"}
        brand.save_profile(work, partner_id=stage.partner_id, fields=fields)
        work.session.execute(
            text("update mailing_link set url = 'https://mended.example/' where mailing_id = :m"),
            {"m": number},
        )
    assert running.of(number, *WAITING)
    first = running.of(number, MessageState.SENT)[0]["id"]
    token = stage.db.site.signer.message_token(Purpose.CLICK, first, 1, number)
    answer = app_of(stage.db, tmp_path).test_client().get(f"/c/{token}")
    assert answer.headers["Location"].startswith("https://mended.example/")
    assert running.rests(number, stage.domain).sent == MANY
    ours = [mails / key for key in running.sink.kept(f"@{stage.domain}")]  # letters come as well
    bodies = {OURS.sub(b"*", each.read_bytes().partition(b"\r\n\r\n")[2]) for each in ours}
    assert len(ours) == MANY
    assert len(bodies) == 1


def test_s23_one_mailbox_in_two_lists_in_any_spelling_gets_one_mail(running):
    stage = running.stage(1)
    same = ("Ann@Bücher.example", "ann@xn--bcher-kva.example", "ANN@BÜCHER.EXAMPLE")
    lists = [stage.list_id]
    with stage.db(stage.alice) as work:
        for each in same:
            new = contacts.NewList(name=each, basis=LawfulBasis.CONSENT)
            lists.append(contacts.import_addresses(work, each, new=new))
        with pytest.raises(Invalid, match="no addresses"):  # no mailbox is called that
            contacts.import_addresses(work, "ann@bücher.example.", list_id=lists[-1])
    number = running.launched(stage, list_ids=tuple(lists))
    found = running.rests(number)
    assert (found.expected, found.sent) == (2, 2)
    assert sum(running.sink.kept("@xn--bcher-kva.example").values()) == 1


def test_s29_partners_who_press_at_once_have_their_first_mail_soon_and_all_of_it(
    running,
):
    """Five hundred with two thousand people each: `python -m tests.soak.together`."""
    running.sink.order("go")
    for _ in running.workers:  # each has made a mail before
        running.launched(running.stage(1))
    found = together(
        running.db, running.plant, partners=12, people=20, first_s=START_S, rest_s=REST_S
    )
    print(found.table())
    assert found.wrong == []
