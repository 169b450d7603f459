"""A stop stands for each of its reasons: one that is lifted had hidden another of the same scope."""

from alembic import op

revision = "0090"
down_revision = "0089"
branch_labels = None
depends_on = None

SCOPE = ["address_hash", "vendor_id", "partner_id", "topic"]


def upgrade() -> None:
    """Count the reason to what makes a stop the same."""
    op.drop_constraint("suppression_once", "suppression")
    op.create_unique_constraint(
        "suppression_once", "suppression", [*SCOPE, "reason"], postgresql_nulls_not_distinct=True
    )


def downgrade() -> None:
    """Of several stops of one scope the first stays; a rest after soft bounces gives way to any other."""
    op.execute(
        """
        DELETE FROM suppression s USING suppression o
        WHERE s.address_hash = o.address_hash AND s.id <> o.id
          AND (s.vendor_id, s.partner_id, s.topic) IS NOT DISTINCT FROM (o.vendor_id, o.partner_id, o.topic)
          AND (o.reason = 'soft_bounces', o.id) < (s.reason = 'soft_bounces', s.id)
        """
    )
    op.drop_constraint("suppression_once", "suppression")
    op.create_unique_constraint(
        "suppression_once", "suppression", SCOPE, postgresql_nulls_not_distinct=True
    )
