"""Schema step 0019_mark_pictures: registered pictures of signatures and seals, by holder and version."""

import sqlalchemy as sa
from alembic import op

revision = "0019_mark_pictures"
down_revision = "0018_csc_activations"
branch_labels = None
depends_on = None

_ID = sa.String(40)


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "mark_pictures",
        sa.Column("picture_id", _ID, primary_key=True),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("holder", _ID, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("width_px", sa.Integer, nullable=False),
        sa.Column("height_px", sa.Integer, nullable=False),
        sa.Column("diameter_um", sa.Integer),
        sa.Column("evidence", sa.String(128), nullable=False),
        sa.Column("valid_from", sa.BigInteger, nullable=False),
        sa.Column("valid_to", sa.BigInteger),
        sa.Column("uploaded_by", _ID, nullable=False),
        sa.Column("uploaded_at", sa.BigInteger, nullable=False),
        sa.Column("confirmed_by", _ID),
        sa.Column("confirmed_at", sa.BigInteger),
        sa.Column("withdrawn_by", _ID),
        sa.Column("withdrawn_at", sa.BigInteger),
        sa.UniqueConstraint("kind", "holder", "version", name="uq_mark_pictures_version"),
    )
