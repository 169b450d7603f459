"""What comes by itself in the lived-in world: a calendar that Alice joined, runs of Vera's."""

from datetime import timedelta

from tcma.on_behalf import calendars, orders, runs
from tcma.on_behalf import queries as ahead
from tcma.on_behalf.rules import Rhythm
from tests.lived_told import told


def arranged(world, sender):
    """A calendar that Alice joined, a run that was scheduled, and one that was not."""
    today = world.db.clock.now()
    with world.as_("Vera") as work:
        facts = calendars.CalendarFacts(
            name="One campaign a quarter", words="", rhythm=Rhythm.QUARTER, notice_days=5, rules={}
        )
        world.parts["calendar"] = calendars.make_calendar(work, facts)
        day = today.date() + timedelta(40)
        calendars.set_day(work, world.parts["calendar"], "cloud-migration", day)
    with world.as_("Alice") as work:
        answers = orders.NewOrder(list_ids=(world.parts["list_id"],), sender_id=sender, agreed=True)
        for calendar in (world.parts["calendar"], ""):
            orders.join(work, "corbelane", calendar, answers)
        world.parts["coming_row"] = ahead.ahead(work.session, work.principal, now=today)[0].ref
    with world.as_("Vera") as work:
        plan = runs.RunPlan(campaign_slug="cloud-migration", send_at=today + timedelta(3))
        world.parts |= {name: runs.draft_run(work, plan) for name in ("run", "draft_run")}
    world.drain()
    with world.as_("Vera") as work:
        run = ahead.run_by_ref(work.session, work.principal, world.parts["run"])
        runs.schedule_run(work, run.ref, chosen=[row.ref for row in run.rows])
        world.parts["asked_row"] = next(row.ref for row in run.rows if not row.has_order)
    world.drain()
    told(world)
