"""Rules of funds as dated versions, and every judgement with its case and trace."""

import uuid

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

AT = sa.DateTime(timezone=True)
RULES = ("share_bps", "notice_days", "claim_days", "cap_minor")


def upgrade() -> None:
    """Each fund's four numbers become the first version of its own programme."""
    op.create_table(
        "fund_programme",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("ref", sa.String(), nullable=False, unique=True),
        sa.Column("vendor_id", sa.Uuid(), sa.ForeignKey("vendor.id"), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("created_at", AT, nullable=False),
        sa.UniqueConstraint("id", "vendor_id"),
    )
    op.create_table(
        "programme_version",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("programme_id", sa.Uuid(), sa.ForeignKey("fund_programme.id"), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("published_by", sa.Uuid(), nullable=True),
        sa.Column("published_at", AT, nullable=False),
        sa.UniqueConstraint("programme_id", "starts_on", name="programme_version_day"),
    )
    op.create_table(
        "judgement",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("vendor_id", sa.Uuid(), nullable=False),
        sa.Column("partner_id", sa.Uuid(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("event", sa.String(), nullable=False),
        sa.Column("version_id", sa.Uuid(), sa.ForeignKey("programme_version.id"), nullable=False),
        sa.Column("case_text", sa.String(), nullable=False),
        sa.Column("answer", JSONB(), nullable=False),
        sa.Column("at", AT, nullable=False),
        sa.ForeignKeyConstraint(
            ["vendor_id", "partner_id"], ["enrolment.vendor_id", "enrolment.partner_id"]
        ),
    )
    op.create_index("judgement_subject", "judgement", ["subject", "subject_id", "id"])
    op.execute(
        "CREATE TRIGGER judgement_append_only BEFORE UPDATE OR DELETE ON judgement"
        " FOR EACH ROW EXECUTE FUNCTION refuse_change()"
    )
    op.execute(
        "CREATE TRIGGER programme_version_stays BEFORE UPDATE ON programme_version"
        " FOR EACH ROW EXECUTE FUNCTION refuse_change()"
    )
    op.add_column("fund_budget", sa.Column("programme_id", sa.Uuid(), nullable=True))
    _programmes_of_old_funds()
    op.alter_column("fund_budget", "programme_id", nullable=False)
    op.create_foreign_key(
        "fund_budget_programme_id_fkey",
        "fund_budget",
        "fund_programme",
        ["programme_id", "vendor_id"],
        ["id", "vendor_id"],
    )
    for name in RULES:
        op.drop_column("fund_budget", name)


def _programmes_of_old_funds() -> None:
    from tcma.mdf.judging.versions import FirstRules, first_source
    from tcma.money import Money

    connection = op.get_bind()
    rows = connection.execute(
        sa.text(
            "SELECT b.*, v.country, v.zone FROM fund_budget b JOIN vendor v ON v.id = b.vendor_id"
        )
    ).all()
    for number, row in enumerate(rows, 1):
        rules = FirstRules(
            share_bps=row.share_bps,
            notice_days=row.notice_days,
            claim_days=row.claim_days,
            cap=Money(row.cap_minor, row.currency) if row.cap_minor else None,
            currency=row.currency,
            zone=row.zone,
            country=row.country,
        )
        source = first_source(row.name, rules)
        made = uuid.uuid4()
        values = {
            "id": made,
            "version": uuid.uuid4(),
            "ref": f"PRG-{row.starts_on.year - 1}-{number:04d}",
            "vendor": row.vendor_id,
            "name": row.name,
            "at": row.created_at,
            "day": min(row.starts_on, row.created_at.date()),
            "source": source,
            "by": row.created_by,
            "budget": row.id,
        }
        for statement in (
            (
                "INSERT INTO fund_programme (id, ref, vendor_id, name, created_at)"
                " VALUES (:id, :ref, :vendor, :name, :at)"
            ),
            (
                "INSERT INTO programme_version (id, programme_id, starts_on, source, sha256,"
                " published_by, published_at) VALUES (:version, :id, :day, :source,"
                " encode(sha256(convert_to(:source, 'UTF8')), 'hex'), :by, :at)"
            ),
            "UPDATE fund_budget SET programme_id = :id WHERE id = :budget",
        ):
            connection.execute(sa.text(statement), values)


def downgrade() -> None:
    """Back to four numbers per fund; what programmes say beyond them is lost."""
    op.add_column(
        "fund_budget", sa.Column("share_bps", sa.Integer(), server_default="10000", nullable=False)
    )
    op.alter_column("fund_budget", "share_bps", server_default=None)
    op.add_column(
        "fund_budget",
        sa.Column("notice_days", sa.Integer(), server_default=sa.text("0"), nullable=False),
    )
    op.add_column(
        "fund_budget",
        sa.Column("claim_days", sa.Integer(), server_default=sa.text("45"), nullable=False),
    )
    op.add_column("fund_budget", sa.Column("cap_minor", sa.BigInteger(), nullable=True))
    op.drop_column("fund_budget", "programme_id")
    op.drop_table("judgement")
    op.drop_table("programme_version")
    op.drop_table("fund_programme")
