"""Every rule of the url map, asked by its people, by strangers, by nobody, and without a token."""

from contextlib import contextmanager

import pytest
from sqlalchemy import event

from tests.web.routes import address, arguments, form, methods, nobodys, part, rules, unknown

SHARED = {
    "public.help_show",
    "desk.crm_new",
    "desk.crm_create",
    "console.crm_new",
    "console.crm_create",
    "console.social_connect",
    "console.social_end",
    "desk.report_show",
    "desk.report_file",
    "desk.report_rows",
    "console.report_show",
    "console.report_file",
    "console.report_rows",
}
"""Their part is the name of a text, a report a system or a network, the same word for everybody."""

OPEN_TO_PARTNERS = {"vendor", "slug"}
"""A campaign is there for every partner of its vendor."""

ONE_FOR_EACH_PARTNER = {
    "console.bank_account_edit", "console.ahead_show", "console.own_task_tick",
    "console.terms_show", "console.terms_accept",
}  # fmt: skip
"""Named after the vendor or what it asks of all, about the partner that asks: everybody finds its own."""

NOT_A_FORM_OF_OURS = {
    "api.image_create",
    "api.image_link_create",
    "api.lead_create",
    "public.landing_create",
    "public.embed_form_create",
    "public.lead_ads_take",
    "public.sns_take",
    "public.provider_notice_take",
    "public.unsubscribe_create",
    "public.announced_stop_create",
    "public.preferences_save",
    "public.consent_confirm",
    "public.lead_offer_accept",
    "public.lead_offer_decline",
    "public.lead_offer_touch",
    "public.lead_offer_pass_on",
    "public.lead_offer_fresh",
    "public.ahead_agree",
    "public.ahead_day",
    "public.ahead_return",
    "public.ahead_skip",
    "public.launch_approval_fresh",
    "public.launch_approval_grant",
    "public.launch_approval_return",
    "public.approve_grant",
    "public.approve_return",
    "public.approve_fresh",
}
"""Sent without a session and without a token: a public form, links signed for one person, a signed call."""

BROKEN = {403, 404, 405, 500}


def guarded(app):
    """(rule, method, permission) of everything that asks for a permission."""
    found = []
    for rule in rules(app):
        permission = getattr(app.view_functions[rule.endpoint], "permission", None)
        if permission:
            found += [(rule, method, permission) for method in methods(rule)]
    return found


def names_a_row(rule):
    return bool(arguments(rule) - {"part", "no"}) and rule.endpoint not in SHARED


def test_every_view_says_who_may_call_it_or_why_everybody_may(rehearsal):
    views = rehearsal.app.view_functions
    silent = [
        rule.endpoint
        for rule in rules(rehearsal.app)
        if not getattr(views[rule.endpoint], "permission", None)
        and not getattr(views[rule.endpoint], "open_because", "")
    ]
    assert silent == []


def test_its_own_people_get_every_page_and_are_heard_at_every_form(rehearsal, lived):
    wrong = []
    for rule, method, permission in guarded(rehearsal.app):
        who = rehearsal.insider(rule.endpoint, permission)
        page = rehearsal.ask(who, method, address(rehearsal.app, rule, lived), **form(rule, lived))
        if page.status in BROKEN:
            wrong.append((who, method, page.path, page.status))
    assert wrong == []


def test_a_person_of_another_vendor_finds_nothing(rehearsal, lived):
    wrong = []
    for rule, method, permission in guarded(rehearsal.app):
        if names_a_row(rule):
            partner = rule.endpoint.startswith("console.")
            who = "Omar" if partner else rehearsal.outsider(permission)
            page = rehearsal.ask(
                who, method, address(rehearsal.app, rule, lived), **form(rule, lived)
            )
            if page.status != 404:
                wrong.append((who, method, page.path, page.status))
    assert wrong == []


def test_the_owner_of_another_partner_finds_nothing(rehearsal, lived):
    wrong = []
    for rule, method, _ in guarded(rehearsal.app):
        shared = arguments(rule) >= OPEN_TO_PARTNERS
        if names_a_row(rule) and not shared and rule.endpoint not in ONE_FOR_EACH_PARTNER:
            page = rehearsal.ask(
                "Charlie", method, address(rehearsal.app, rule, lived), **form(rule, lived)
            )
            if page.status != 404:
                wrong.append((method, page.path, page.status))
    assert wrong == []


def test_m8_what_is_anothers_reads_as_what_is_nobodys_and_takes_as_many_questions(rehearsal, lived):
    """The same status and words, and as many statements: neither tells that there is something."""
    app, wrong = rehearsal.app, []
    for rule, method, permission in guarded(app):
        shared = arguments(rule) >= OPEN_TO_PARTNERS or rule.endpoint in ONE_FOR_EACH_PARTNER
        if not names_a_row(rule) or shared:
            continue
        partner = rule.endpoint.startswith("console.")
        who = "Charlie" if partner else rehearsal.outsider(permission)
        rehearsal.visitor(who)  # signs in, which asks too
        answers = []
        for path in (address(app, rule, lived), nobodys(app, rule, lived)):
            with statements(lived.db.engine) as asked:
                page = rehearsal.ask(who, method, path, **form(rule, lived))
            answers.append((page.status, page.words.replace(path, ""), len(asked)))
        if answers[0] != answers[1]:
            wrong.append((who, method, rule.rule, *answers))
    assert wrong == []


def test_the_page_of_an_error_asks_only_who_it_is_and_what_is_sought(rehearsal, lived):
    """It has no menus: what they count is not counted for it."""
    rehearsal.visitor("Alice")
    with statements(lived.db.engine) as asked:
        page = rehearsal.ask("Alice", "GET", "/console/launches/LCH-1999-0001")
    assert page.status == 404
    assert len(asked) == 3, asked


MONEY = (
    "request",
    "open_request",
    "claim",
    "paid_claim",
    "batch",
    "sales",
    "parts_file",
    "joint_plan",
)


def test_m8_no_list_search_or_file_names_the_money_of_others(rehearsal, lived):
    """Looked for by its reference it is found as little as one that nobody has."""
    app, names, wrong = rehearsal.app, [lived.parts[each] for each in MONEY], []
    sought, nobodys_ref = lived.parts["paid_claim"], unknown(lived.parts["paid_claim"])
    for rule, method, permission in guarded(app):
        if method != "GET" or names_a_row(rule):
            continue
        who = "Charlie" if rule.endpoint.startswith("console.") else rehearsal.outsider(permission)
        path = address(app, rule, lived)
        sign = "&" if "?" in path else "?"
        found, nothing = (
            shown(rehearsal.ask(who, method, f"{path}{sign}q={ref}")).replace(ref, "")
            for ref in (sought, nobodys_ref)
        )
        if told := [name for name in names if name in found]:
            wrong.append((who, rule.rule, told))
        if found != nothing:
            wrong.append((who, rule.rule, found[:200], nothing[:200]))
    assert wrong == []


def shown(page):
    """What a page or a file says."""
    return page.words if b"<main" in page.data else page.data.decode(errors="replace")


@contextmanager
def statements(engine):
    """What is asked of the database meanwhile."""
    asked = []

    def note(*told):
        asked.append(told[2])

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield asked
    finally:
        event.remove(engine, "before_cursor_execute", note)


@pytest.mark.parametrize(
    ("who", "sides"), [("Alice", ("studio.", "desk.")), ("Ada", ("console.",))]
)
def test_the_other_side_is_not_there(rehearsal, lived, who, sides):
    wrong = []
    for rule, method, _ in guarded(rehearsal.app):
        if rule.endpoint.startswith(sides):
            page = rehearsal.ask(
                who, method, address(rehearsal.app, rule, lived), **form(rule, lived)
            )
            if page.status != 404:
                wrong.append((method, page.path, page.status))
    assert wrong == []


def test_a_role_without_the_permission_is_told_so(rehearsal, lived):
    wrong = []
    asked = 0
    for rule, method, permission in guarded(rehearsal.app):
        who = rehearsal.powerless(rule.endpoint, permission)
        if who and not rule.endpoint.startswith("public."):
            asked += 1
            page = rehearsal.ask(
                who, method, address(rehearsal.app, rule, lived), **form(rule, lived)
            )
            if page.status != 403:
                wrong.append((who, method, page.path, page.status))
    assert wrong == []
    assert asked > 50


def test_nobody_is_asked_to_sign_in_and_comes_back(rehearsal, lived):
    wrong = []
    for rule, method, _ in guarded(rehearsal.app):
        path = address(rehearsal.app, rule, lived)
        page = rehearsal.ask("", method, path, **form(rule, lived))
        if page.status != 302 or not page.location.startswith("/sign-in?next="):
            wrong.append((method, path, page.status))
    assert wrong == []


def test_a_form_without_its_token_is_refused(rehearsal, lived):
    app = rehearsal.app
    wrong = []
    for rule in rules(app):
        if "POST" in methods(rule) and rule.endpoint not in NOT_A_FORM_OF_OURS:
            permission = getattr(app.view_functions[rule.endpoint], "permission", None)
            who = rehearsal.insider(rule.endpoint, permission) if permission else ""
            page = rehearsal.ask(who, "POST", address(app, rule, lived), token=False)
            if page.status != 400:
                wrong.append((who, page.path, page.status))
    assert wrong == []


def test_forged_links_open_nothing(rehearsal, lived):
    wrong = []
    for rule in rules(rehearsal.app):
        if arguments(rule) & {"token", "key"}:
            for method in methods(rule):
                path = address(rehearsal.app, rule, lived)
                if rehearsal.ask("", method, path).status != 404:
                    wrong.append((method, path))
    assert wrong == []


def test_every_rule_is_one_of_these(rehearsal, lived):
    """A new kind of part makes `address` fail here, before it is forgotten everywhere."""
    for rule in rules(rehearsal.app):
        for name in arguments(rule):
            assert part(rule.endpoint, name, lived) is not None
