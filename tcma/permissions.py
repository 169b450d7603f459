"""Who may do what: one vocabulary of permissions, one table of roles, one principal."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from tcma.words import say


class Permission(StrEnum):
    """`area:resource:action`, alphabetical inside an area."""

    ACCOUNT_SELF = "accounts:self:edit"
    PEOPLE_MANAGE = "accounts:people:manage"
    BRAND_EDIT = "partners:brand:edit"
    PARTNERS_MANAGE = "partners:partner:manage"
    PARTNERS_READ = "partners:partner:read"
    TERMS_ACCEPT = "partners:terms:accept"
    VENDOR_EDIT = "partners:vendor:edit"
    CAMPAIGN_AUTHOR = "library:campaign:author"
    CAMPAIGN_READ = "library:campaign:read"
    COPY_EDIT = "library:copy:edit"
    CONTACTS_MANAGE = "contacts:contact:manage"
    LAUNCH_APPROVE = "launches:launch:approve"
    LAUNCH_ARRANGE = "launches:launch:arrange"
    LAUNCH_PLAN = "launches:launch:plan"
    LAUNCH_READ = "launches:launch:read"
    LAUNCH_STEER = "launches:launch:steer"
    CRM_CONNECT = "leads:crm:connect"
    LEAD_ANSWER = "leads:lead:answer"
    LEAD_ASSIGN = "leads:lead:assign"
    LEAD_READ = "leads:lead:read"
    PLAYBOOK_FOLLOW = "guidance:playbook:follow"
    SOCIAL_CONNECT = "social:account:connect"
    NURTURE_STEER = "nurture:run:steer"
    BUDGET_MANAGE = "mdf:budget:manage"
    CLAIM_DECIDE = "mdf:claim:decide"
    CLAIM_FILE = "mdf:claim:file"
    FUND_READ = "mdf:fund:read"
    PAYMENT_MAKE = "mdf:payment:make"
    PAYOUT_EDIT = "mdf:payout:edit"
    REQUEST_DECIDE = "mdf:request:decide"
    REQUEST_FILE = "mdf:request:file"
    REPORT_READ = "reporting:report:read"
    REPORT_EXPORT = "reporting:report:export"
    SYSTEM_RUN = "system:jobs:run"
    SYSTEM_HEALTH = "system:health:read"


P = Permission


class Role(StrEnum):
    """What a membership is: three roles at a partner, four at a vendor, and the house itself."""

    OWNER = "owner"
    PARTNER_MARKETER = "partner_marketer"
    SELLER = "seller"
    VENDOR_MARKETER = "vendor_marketer"
    CHANNEL_MANAGER = "channel_manager"
    FINANCE = "finance"
    ADMINISTRATOR = "administrator"
    SYSTEM = "system"


PARTNER_ROLES = (Role.OWNER, Role.PARTNER_MARKETER, Role.SELLER)
VENDOR_ROLES = (Role.VENDOR_MARKETER, Role.CHANNEL_MANAGER, Role.FINANCE, Role.ADMINISTRATOR)

_SELLER = {
    P.ACCOUNT_SELF,
    P.CAMPAIGN_READ,
    P.LEAD_ANSWER,
    P.LEAD_READ,
    P.PLAYBOOK_FOLLOW,
    P.REPORT_READ,
}
_MARKETER = _SELLER | {
    P.BRAND_EDIT,
    P.CONTACTS_MANAGE,
    P.COPY_EDIT,
    P.FUND_READ,
    P.LAUNCH_PLAN,
    P.LAUNCH_READ,
    P.LAUNCH_STEER,
    P.NURTURE_STEER,
    P.REPORT_EXPORT,
    P.CLAIM_FILE,
    P.REQUEST_FILE,
}
_AUTHOR = {
    P.ACCOUNT_SELF,
    P.CAMPAIGN_AUTHOR,
    P.CAMPAIGN_READ,
    P.LAUNCH_ARRANGE,
    P.LAUNCH_READ,
    P.NURTURE_STEER,
    P.PARTNERS_READ,
    P.REPORT_READ,
    P.REPORT_EXPORT,
}
_MANAGER = {
    P.ACCOUNT_SELF,
    P.BUDGET_MANAGE,
    P.CAMPAIGN_READ,
    P.CLAIM_DECIDE,
    P.CRM_CONNECT,
    P.FUND_READ,
    P.LAUNCH_APPROVE,
    P.LAUNCH_ARRANGE,
    P.LAUNCH_READ,
    P.LAUNCH_STEER,
    P.LEAD_ASSIGN,
    P.LEAD_READ,
    P.PARTNERS_MANAGE,
    P.PARTNERS_READ,
    P.REPORT_READ,
    P.REPORT_EXPORT,
    P.REQUEST_DECIDE,
}
_FINANCE = {
    P.ACCOUNT_SELF,
    P.BUDGET_MANAGE,
    P.CAMPAIGN_READ,
    P.CLAIM_DECIDE,
    P.FUND_READ,
    P.PARTNERS_READ,
    P.PAYMENT_MAKE,
    P.REPORT_READ,
    P.REPORT_EXPORT,
    P.REQUEST_DECIDE,
}

ROLE_PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.SELLER: frozenset(_SELLER),
    Role.PARTNER_MARKETER: frozenset(_MARKETER),
    Role.OWNER: frozenset(
        _MARKETER
        | {
            P.CRM_CONNECT,
            P.LAUNCH_APPROVE,
            P.SOCIAL_CONNECT,
            P.TERMS_ACCEPT,
            P.PAYOUT_EDIT,
            P.PEOPLE_MANAGE,
        }
    ),
    Role.VENDOR_MARKETER: frozenset(_AUTHOR),
    Role.CHANNEL_MANAGER: frozenset(_MANAGER),
    Role.FINANCE: frozenset(_FINANCE),
    Role.ADMINISTRATOR: frozenset(
        _AUTHOR | _MANAGER | {P.PEOPLE_MANAGE, P.SYSTEM_HEALTH, P.VENDOR_EDIT}
    ),
    Role.SYSTEM: frozenset(Permission),
}

ROLE_WORDS: dict[Role, str] = {
    Role.OWNER: say("Owner"),
    Role.PARTNER_MARKETER: say("Marketer"),
    Role.SELLER: say("Seller"),
    Role.VENDOR_MARKETER: say("Marketer"),
    Role.CHANNEL_MANAGER: say("Channel manager"),
    Role.FINANCE: say("Finance"),
    Role.ADMINISTRATOR: say("Administrator"),
    Role.SYSTEM: say("System"),
}


@dataclass(frozen=True, slots=True)
class Principal:
    """Whoever acts: a signed-in member of one side, a signed link, or the house itself.

    Exactly one of `vendor_id` and `partner_id` is set for people; the system has neither.
    """

    user_id: UUID | None
    name: str
    role: Role
    vendor_id: UUID | None = None
    partner_id: UUID | None = None
    via: str = "web"

    def may(self, permission: Permission) -> bool:
        """Say whether the role carries `permission`."""
        return permission in ROLE_PERMISSIONS[self.role]

    @property
    def is_system(self) -> bool:
        """True for jobs and the command line: not limited to one side's rows."""
        return self.role is Role.SYSTEM


SYSTEM = Principal(user_id=None, name="tcma", role=Role.SYSTEM, via="job")
