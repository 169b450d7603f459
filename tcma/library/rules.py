"""Campaigns and versions: their states, and who may use what."""

from enum import StrEnum


class CampaignState(StrEnum):
    """A campaign as a whole."""

    DRAFT = "draft"
    ACTIVE = "active"
    RETIRED = "retired"


class VersionState(StrEnum):
    """One immutable version of a campaign."""

    DRAFT = "draft"
    SCHEDULED = "scheduled"
    PUBLISHED = "published"
    SUPERSEDED = "superseded"
    RETIRED = "retired"


class PageState(StrEnum):
    """A partner's landing page."""

    LIVE = "live"
    PAUSED = "paused"
    RECALLED = "recalled"
