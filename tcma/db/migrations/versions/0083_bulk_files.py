"""Files by which a vendor founds partners or gives parts of a fund, row by row."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0083"
down_revision = "0082"
branch_labels = None
depends_on = None

JSONB = postgresql.JSONB(astext_type=sa.Text())
WHEN = sa.DateTime(timezone=True)


def upgrade() -> None:
    """No file so far."""
    op.create_table(
        "bulk_file",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("ref", sa.String(), nullable=False),
        sa.Column("vendor_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("about", sa.Uuid(), nullable=False),
        sa.Column("file_name", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("made_by", sa.Uuid(), nullable=False),
        sa.Column("made_at", WHEN, nullable=False),
        sa.Column("done_by", sa.Uuid(), nullable=True),
        sa.Column("done_at", WHEN, nullable=True),
        sa.Column("undone_by", sa.Uuid(), nullable=True),
        sa.Column("undone_at", WHEN, nullable=True),
        sa.CheckConstraint("kind IN ('partners', 'parts')", name="bulk_file_kind"),
        sa.CheckConstraint("state IN ('tried', 'done', 'undone')", name="bulk_file_state"),
        sa.ForeignKeyConstraint(["vendor_id"], ["vendor.id"], name="bulk_file_vendor_id_fkey"),
        sa.PrimaryKeyConstraint("id", name="bulk_file_pkey"),
        sa.UniqueConstraint("ref", name="bulk_file_ref_key"),
    )
    op.create_index("bulk_file_about", "bulk_file", ["about", "kind", "id"])
    op.create_index(
        "bulk_file_trial",
        "bulk_file",
        ["about", "kind", "made_by"],
        unique=True,
        postgresql_where=sa.text("state = 'tried'"),
    )
    op.create_table(
        "bulk_row",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("file_id", sa.Uuid(), nullable=False),
        sa.Column("vendor_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("about", sa.Uuid(), nullable=False),
        sa.Column("no", sa.Integer(), nullable=False),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("cells", JSONB, nullable=False),
        sa.Column("fault", sa.String(), server_default="", nullable=False),
        sa.Column("counts", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("partner_id", sa.Uuid(), nullable=True),
        sa.Column("amount_minor", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["file_id"], ["bulk_file.id"], name="bulk_row_file_id_fkey", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="bulk_row_pkey"),
        sa.UniqueConstraint("file_id", "no", name="bulk_row_file_id_no_key"),
    )
    op.create_index(
        "bulk_row_once",
        "bulk_row",
        ["about", "kind", "reference"],
        unique=True,
        postgresql_where=sa.text("counts"),
    )


def downgrade() -> None:
    """What the files did stays; what they said is gone."""
    op.drop_table("bulk_row")
    op.drop_table("bulk_file")
