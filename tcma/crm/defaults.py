"""The fields a new connection begins with: those that every Salesforce and every HubSpot has."""

from collections.abc import Mapping

from tcma.crm.rules import STAGE_WORDS, Fields, System, Target


def _targets(named: Mapping[str, str], **empty: str) -> dict[str, Target]:
    return {ours: Target(theirs, empty.get(ours, "")) for ours, theirs in named.items()}


DEFAULTS: dict[System, Fields] = {
    System.SALESFORCE: Fields(
        lead=_targets(
            {
                "email": "Email",
                "first_name": "FirstName",
                "last_name": "LastName",
                "company": "Company",
                "phone": "Phone",
                "country": "Country",
                "postcode": "PostalCode",
                "campaign": "LeadSource",
                "url": "Description",
            },
            last_name="Unknown",
            company="Unknown",
        ),
        deal=_targets(
            {
                "name": "Name",
                "stage": "StageName",
                "amount": "Amount",
                "closes_on": "CloseDate",
                "campaign": "LeadSource",
                "url": "Description",
            }
        ),
        stages={
            "qualified": "Qualification",
            "proposal": "Proposal/Price Quote",
            "negotiation": "Negotiation/Review",
            "won": "Closed Won",
            "lost": "Closed Lost",
        },
    ),
    System.HUBSPOT: Fields(
        lead=_targets(
            {
                "email": "email",
                "first_name": "firstname",
                "last_name": "lastname",
                "company": "company",
                "phone": "phone",
                "country": "country",
                "postcode": "zip",
            }
        ),
        deal=_targets(
            {
                "name": "dealname",
                "stage": "dealstage",
                "amount": "amount",
                "closes_on": "closedate",
                "url": "description",
            }
        ),
        stages={
            "qualified": "qualifiedtobuy",
            "proposal": "presentationscheduled",
            "negotiation": "contractsent",
            "won": "closedwon",
            "lost": "closedlost",
        },
    ),
    System.SHEET: Fields(
        lead=_targets(
            {
                "email": "Email",
                "first_name": "First name",
                "last_name": "Last name",
                "company": "Company",
                "phone": "Phone",
                "country": "Country",
                "postcode": "Postcode",
                "campaign": "Campaign",
                "url": "Link",
            }
        ),
        deal=_targets(
            {
                "name": "Opportunity",
                "stage": "Stage",
                "amount": "Amount",
                "currency": "Currency",
                "closes_on": "Close date",
                "campaign": "Campaign",
                "company": "Company",
                "email": "Email",
                "url": "Link",
            }
        ),
        stages=STAGE_WORDS,
    ),
}
OWNER_COLUMN = "Owner"
"""What a sheet that comes back calls the owner; the two CRMs tell theirs by name."""
