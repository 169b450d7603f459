"""Every rule of the url map with the real references of a lived-in world in its parts."""

import re
from uuid import UUID

from sqlalchemy import text

REFERENCES = (
    (r"^lead_ads_", "ad_source"),
    (r"^chat_", "chat"),
    (r"crm_sheet", "{side}_sheet"),
    (r"crm", "{side}_crm"),
    (r"^run_(check|schedule|discard)$", "draft_run"),
    (r"^run_", "run"),
    (r"webhook", "webhook"),
    (r"image", "image_job"),
    (r"joint_plan", "joint_plan"),
    (r"launch_(check|start|edit|test|delete)$", "draft_launch"),
    (r"launch", "launch"),
    (r"^opportunity_", "opportunity"),
    (r"lead_(accept|decline|assign)$", "offered_lead"),
    (r"lead", "lead"),
    (r"request_(approve|refuse|return|revise|withdraw|submit)", "open_request"),
    (r"request", "request"),
    (r"dispute", "paid_claim"),
    (r"claim", "claim"),
    (r"fund", "fund"),
    (r"payment", "batch"),
)
NAMES = {
    "list_id": "list_id",
    "segment_id": "segment_id",
    "claim_ref": "paid_claim",
    "invoice_id": "invoice",
    "invoice": "invoice",
    "sales_ref": "sales",
    "parts_ref": "parts_file",
    "partners_ref": "partners_file",
    "vendor": "vendor",
    "partner": "partner",
    "path": "page",
    "second": "second_contact",
    "merge_id": "merge",
    "task": "task",
    "held": "held",
    "paper": "deal_paper",
    "own_task": "own_task",
    "own_field": "own_field",
    "list_of": "lead_list",
    "offer": "shared_offer",
    "news": "announcement",
    "intake_key": "intake_key",
    "image_key": "image_key",
    "delivery": "delivery",
    "calendar": "calendar",
    "absence": "absence",
    "post": "post",
    "rest": "rest",
    "change_id": "change",
}
FIXED = {
    "part": "mail-1",
    "about": "window",
    "network": "linkedin",
    "act": "withdrawal",
    "no": 1,
    "number": 1,
    "other": 1,
    "side": "after",
    "token": "AAAA.AAAA",
    "key": "AAAA-AAAA",
    "topic": "launching",
    "what": "leads",
    "step": "n1",
    "play": "call-first",
    "system": "salesforce",
    "how": "undo",
    "remedy": "retry",
    "where": "down",
    "suffix": "jpg",
    "standing": "pause",
    "place": 0,
}

KNOWN_TO_ALL = {*FIXED, "kind", "vendor", "name", "second"}
"""What names no row, names the own vendor, or is signed, so that nobody has one of no row."""

QUERIES = {
    "console.launch_again": "what=uncertain",
    "console.launch_new": "campaign=corbelane/cloud-migration",
    "console.request_new": "campaign=corbelane/cloud-migration",
    "studio.draft_image": "as=fenwright",
    "studio.draft_preview": "as=fenwright",
    "studio.picture_api_try": "template=cloud-migration/banner_300x250&partner=fenwright",
    "studio.preview_document": "as=fenwright",
    "studio.version_image": "as=fenwright",
}
"""What an address says after the question mark, where it is nothing without."""

FORMS = {
    "console.request_carried_out": {"launch": "launch"},
    "console.claim_paper_remove": {"paper": "invoice"},
    "console.person_role": {"role": "seller"},
    "console.social_posted": {"linkedin_address": "https://www.linkedin.com/feed/update/1"},
    "desk.people_change": {"role": "finance"},
    "desk.partner_waive": {"step": "sender", "why": "They use ours."},
    "console.lead_sharing_save": {"way": "turn"},
    "console.lead_away": {"person": "sam", "starts_on": "2040-03-01", "ends_on": "2040-03-02"},
    "console.lead_give": {"person": "sam"},
    "studio.draft_remove": {"path": "words/en.toml"},
    "studio.draft_rename": {"path": "words/en.toml", "to": "words/sv.toml"},
    "studio.draft_create_shipped": {"shipped": "cloud-migration"},
    "public.you_role_create": {"membership": "own_member"},
}
"""Fields of a form that is nothing without; a value may be the name of a part."""


def rules(app):
    """Every rule but the static files', in order."""
    return sorted(
        (rule for rule in app.url_map.iter_rules() if rule.endpoint != "static"),
        key=lambda rule: (rule.rule, sorted(rule.methods)),
    )


def methods(rule):
    return sorted(rule.methods - {"HEAD", "OPTIONS"})


def arguments(rule):
    """The parts of a rule that an address must fill."""
    return rule.arguments - set(rule.defaults or {})


def address(app, rule, world):
    """The address of a rule with this world's parts; a part without a meaning fails."""
    values = {name: part(rule.endpoint, name, world) for name in arguments(rule)}
    with app.test_request_context():
        adapter = app.url_map.bind("tcma.test")
        path = adapter.build(rule.endpoint, {**(rule.defaults or {}), **values})
    query = QUERIES.get(rule.endpoint)
    return f"{path}?{query}" if query else path


def nobodys(app, rule, world):
    """The address of a rule with parts of the same shape that name nothing."""
    values = {name: part(rule.endpoint, name, world) for name in arguments(rule)}
    named = {name: unknown(value) for name, value in values.items() if name not in KNOWN_TO_ALL}
    with app.test_request_context():
        adapter = app.url_map.bind("tcma.test")
        path = adapter.build(rule.endpoint, {**(rule.defaults or {}), **values, **named})
    query = QUERIES.get(rule.endpoint)
    return f"{path}?{query}" if query else path


def unknown(value):
    """A value of the same shape that nothing has."""
    if isinstance(value, int):
        return value + 1_000_000
    if isinstance(value, UUID) or re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", value):
        return type(value)("01a20000-0000-7000-8000-000000000000")
    number = re.search(r"\d+$", value)
    return f"{value[: number.start()]}{'9' * len(number[0])}" if number else f"{value}x"


def form(rule, world):
    """The fields to send to a rule."""
    fields = FORMS.get(rule.endpoint, {})
    return {name: str(world.parts.get(value, value)) for name, value in fields.items()}


def part(endpoint, name, world):
    """The value of one part of an address."""
    parts = world.parts
    view = endpoint.partition(".")[2]
    side = "partner" if endpoint.startswith("console.") else "vendor"
    import_done = view.endswith(("show", "report", "undo"))
    meant = {
        "ref": lambda: parts[
            next(key for shape, key in REFERENCES if re.search(shape, view)).format(side=side)
        ],
        "document": lambda: parts["preview" if view == "document_picture" else "document"],
        "link": lambda: parts[f"{side}_link"],
        "arranged": lambda: parts["asked_row" if side == "vendor" else "coming_row"],
        "import_id": lambda: parts["import_id" if import_done else "waiting_import"],
        "member": lambda: parts[f"{side}_member"],
        "announcement": lambda: parts[
            "announcement" if view.endswith("show") else "draft_announcement"
        ],
        "host": lambda: "go.alice.example",
        "relay": lambda: parts[f"{side}_relay"],
        "domain": lambda: "news.alice.example" if side == "partner" else "news.ada.example",
        "membership": lambda: parts[f"{side}_member"],
        "slug": lambda: parts["partner" if view.startswith("partner_") else "slug"],
        "sender_id": lambda: parts[f"{side}_sender"],
        "name": lambda: name_of(view, parts),
        "part": lambda: "social" if view == "copy_show" else FIXED["part"],
        "kind": lambda: kind_of(view),
        "how": lambda: "off" if view == "routing_rule_act" else FIXED["how"],
    }
    if name in meant:
        return meant[name]()
    return parts[NAMES[name]] if name in NAMES else FIXED[name]


def kind_of(view):
    """What `<kind>` means to a view."""
    if view.startswith("routing_part"):
        return "rule"
    known = {"page_qr": "svg", "crm_sheet": "deal", "partner_ask_again": "claim"}
    return known.get(view, "mail")


def name_of(view, parts):
    """What `<name>` means to a view."""
    shapes = (
        ("image", "banner_1200x628"),
        ("print_", "datasheet"),
        ("stop_", parts["stopped"]),
        ("report", "launches"),
        ("print_", "datasheet"),
        ("public_file", "0" * 64 + ".jpg"),
    )
    return next((value for shape, value in shapes if shape in view), parts["contact"])


def complete(world):
    """Add the parts that only rows know: members, the stopped address."""
    with world.db() as work:
        query = text(
            "SELECT m.id FROM membership m JOIN user_account u ON u.id = m.user_id "
            "WHERE u.name = :name"
        )
        named = (("partner_member", "Tom"), ("vendor_member", "Vera"), ("own_member", "Alice"))
        for key, name in named:
            world.parts[key] = work.session.execute(query, {"name": name}).scalar_one()
        stop = work.session.scalar(text("SELECT min(id) FROM suppression"))
        world.parts["stopped"] = work.site.signer.public_number("stop", stop)
