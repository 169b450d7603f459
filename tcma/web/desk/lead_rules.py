"""Rules about leads at the desk, whatever they decide: read in sentences, tried on last quarter's leads,
published from a day on.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Protocol

from flask import make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from tcma.db.work import Work
from tcma.leads.dated import Version
from tcma.permissions import Principal
from tcma.web.attempt import attempt
from tcma.web.forms.desk import RuleTextForm
from tcma.web.unit_of_work import work
from tcma.web.wording import flash


class Current(Protocol):
    """The rules of a moment, as they are written."""

    @property
    def source(self) -> str:
        """The text."""


class Trial(Protocol):
    """What came of trying a text."""

    @property
    def faults(self) -> Sequence[object]:
        """What is wrong with it, by line."""


class Versions(Protocol):
    """Where rules of a kind are kept: a module of verbs and queries."""

    def in_force(self, session: Session, principal: Principal, now: datetime) -> Current:
        """Return the rules of now."""

    def versions(self, session: Session, principal: Principal, now: datetime) -> list[Version]:
        """Return all versions."""

    def version(self, session: Session, principal: Principal, no: int, now: datetime) -> Version:
        """Return one version."""

    def today(self, session: Session, principal: Principal, now: datetime) -> date:
        """Return the first day from which a text may be in force."""

    def try_out(self, session: Session, principal: Principal, source: str, *, now: datetime) -> Any:
        """Try a text; nothing is written."""

    def publish(self, work: Work, source: str, *, valid_from: date, note: str) -> int:
        """Publish a text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One kind of rules. `name` stands in its addresses and templates, `sentences` reads a text. With
    `drafts` a change has pages of its own; else it is a text, `published` is said of a version, and
    `more` is what its editor shows of a trial besides.
    """

    name: str
    title: str
    noun: str
    versions: Versions
    sentences: Callable[[str], Sequence[tuple[str, str]]]
    plural: str = ""
    published: str = ""
    more: Callable[[Any], dict[str, object]] = lambda _: {}
    drafts: bool = False


def index_page(kind: Kind, **more: object) -> ResponseReturnValue:
    """Show the rules in force, what comes next, and what was."""
    session, principal, now = work().session, work().principal, work().now
    current = kind.versions.in_force(session, principal, now)
    return render_template(
        f"desk/{kind.name}/index.html",
        kind=kind,
        current=current,
        sentences=kind.sentences(current.source),
        versions=kind.versions.versions(session, principal, now),
        **more,
    )


def version_page(kind: Kind, no: int) -> ResponseReturnValue:
    """Show one version as it was written and as it reads."""
    version = kind.versions.version(work().session, work().principal, no, work().now)
    return render_template(
        "desk/lead_rules/version.html",
        kind=kind,
        version=version,
        sentences=kind.sentences(version.source),
    )


def edit_page(kind: Kind) -> ResponseReturnValue:
    """Open the rules in force, or an older version, for a change."""
    session, principal, now = work().session, work().principal, work().now
    no = request.args.get("version", type=int)
    source = (
        kind.versions.version(session, principal, no, now)
        if no
        else kind.versions.in_force(session, principal, now)
    ).source
    day = kind.versions.today(session, principal, now)
    return _page_of(kind, RuleTextForm(formdata=None, source=source, valid_from=day))


def try_page(kind: Kind) -> ResponseReturnValue:
    """Try the text on its tests and on last quarter's leads; publish it when that is asked."""
    form = RuleTextForm()
    if not form.validate():
        return _page_of(kind, form, status=422)
    status, source = 200, form.source.data
    if request.form.get("act") == "publish":
        day, note = form.valid_from.data, form.note.data or ""
        with attempt(form) as tried:
            no = kind.versions.publish(work(), source, valid_from=day, note=note)
        if tried.done:
            flash(f"Version {no} is published. {kind.published}", "good")
            return redirect(url_for(f"desk.{kind.name}_rules"), 303)
        status = tried.status
    trial = kind.versions.try_out(work().session, work().principal, source, now=work().now)
    return _page_of(kind, form, trial=trial, status=status)


def _page_of(
    kind: Kind, form: RuleTextForm, *, trial: Trial | None = None, status: int = 200
) -> ResponseReturnValue:
    source = form.source.data or ""
    lines = source.splitlines()
    good = trial is not None and not trial.faults
    page = render_template(
        f"desk/{kind.name}/edit.html",
        kind=kind,
        form=form,
        trial=trial,
        lines=lines,
        sentences=kind.sentences(source) if good else (),
        rows=min(max(len(lines) + 2, 14), 32),
        **(kind.more(trial) if good else {}),
    )
    return make_response(page, status)
