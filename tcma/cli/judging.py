"""How a programme and a case are written: the help of `tcma mdf judge`, with an example that is tested."""

EXAMPLE_PROGRAMME = """\
name = "Quillon partner fund"
from = 2026-01-01                      # this version counts from this day on
kind = "discretionary"                 # accrued, fixed, pooled, matched, points
currency = "GBP"
zone = "Europe/London"                 # a last day ends with its last second here
region = "GB-ENG"                      # working days: holidays and weekend of this region

[share]
percent = 50                           # the vendor's part of a cost
tier.gold = 75

[request]
deadline = "10 working days before activity start"
maximum = "5000.00"

[claim]
approved_in_advance = true
deadline = "45 days after activity end"
fix_within = "14 days"

[invoice]
made_out_to = "partner"
not_before = "approval"
shows = ["number", "issued_on", "order_number"]

[costs]
ineligible = ["alcohol"]

[[cap]]
amount = "6000.00"
per = "quarter"
activities = ["event"]

[activity.event]
name = "Event"
[[activity.event.proof]]
proof = "event photo"
alternatives = ["contract", "hotel bill"]
[[activity.event.proof]]
proof = "lead list"
when = 'audience includes "end customers"'
code = "LEAD_LIST_MISSING"

[[change]]                             # the next version: only what changes
from = 2026-07-01
request.deadline = "15 working days before activity start"
"""

EXAMPLE_CASE = """\
{"kind": "claim", "ref": "CLM-2026-0187", "submitted_at": "2026-06-30T23:59:59+01:00",
 "partner": {"name": "Brightwater IT", "tier": "gold"},
 "activities": [{"type": "event", "starts_on": "2026-05-12", "ends_on": "2026-05-16",
                 "audience": ["end customers"]}],
 "request": {"approved_at": "2026-04-20T10:00:00+01:00", "approved": "1500.00"},
 "invoices": [{"number": "PS-2291", "issuer": "Print Shop", "issued_on": "2026-05-20",
               "made_out_to": "Brightwater IT", "order_number": "PO-77",
               "net": "1900.00", "tax": "380.00", "total": "2280.00",
               "lines": [{"kind": "venue", "amount": "1800.00"},
                         {"kind": "alcohol", "amount": "100.00"}]}],
 "proofs": [{"proof": "hotel bill", "file": "CLM-2026-0187-hotel.pdf"}, "lead list"]}
"""

HOW_TO_JUDGE = f"""\
Answer with --json: {{"decision": approve | partial | return | refuse, "codes": [...], "amount":
"1350.00", "currency", "asked", "reasons": [{{"code", "curable", "by", "words", "remedy", "rule",
"line"}}], "lines": one decision per activity, "trace": [{{"rule", "version", "outcome", "words",
"inputs", "before", "after"}}]}}. «by» is the last day on which it can be cured.
Exit: 0 approve or partial, 1 return or refuse, 2 a file that cannot be used (place and remedy).

A PROGRAMME, every key optional but the name:

{EXAMPLE_PROGRAMME}
A CASE of it (a claim; partial: the alcohol is left out, 75 % of 1800.00 is 1350.00):

{EXAMPLE_CASE}
DEADLINES  «N days|working days|weeks|months|quarters|years before|after WHAT», «end of month»,
  «30 days after quarter end», «end of the next month», a day, or a list of them: the first
  counts. Append «or the next working day» to roll. WHAT is activity start, activity end, request,
  approval, claim, decision, invoice, earning, fund start, fund end, claim deadline. «10 working
  days before activity start» is the tenth working day counted back from it, to its last second.
LENGTHS    «14 days», «10 working days», «6 weeks», «1 month» (fix_within, paid_within, papers_kept, most).
CONDITIONS (when, check, require, unless): facts and values with is, is not, <, <=, >, >=, in
  [...], includes, is stated, is missing, and, or, not; text in quotes: 'total > 5000 and tier is
  "gold"'. Facts are the keys of the activity (proof, invoice), then tier, costs (their kinds),
  share, partner.x, request.x, then "facts" and the case itself.
SUMS       text or number in major units, "2500.00"; never thousands marks. Percent: 50 or "50%".

Programme, top: name, about, from, kind, currency, zone, region (country, country-part, or bank
  calendar XECB), weekend, closed, worked (days), day_ends ("17:00"), year_starts ("july"), point,
  listed_activities_only (true when activities are listed).
[partner]  status, tiers, countries (lists), frozen_when_overdue, when
[share]    percent, tier.NAME, or match = "1:1" (vendor : partner), or least + most (agreed plan by plan)
[request]  needed, deadline, minimum, maximum, when_too_much (reduce, return, refuse), states (what a
  plan must say), naming (pattern of the title), extension.most, extension.by
[approval] automatic_up_to (plans that keep every rule and need nobody), sampled (percent of them
  that a person sees all the same, above 0), [[approval.level]] up_to, by (channel_manager, finance,
  administrator): one person a level, each another one
[claim]    approved_in_advance (true, false, or a deadline), opens, deadline, fix_within, minimum,
  most_claims, unchanged (facts that must be as approved), results, needs ("tax_profile", ...),
  extension.most, extension.by, paid_within, papers_kept
[invoice]  needed, counts (net, total), shows, order_number, equals (approved, claimed), compares
  (total, net), tolerance, unless, not_before, not_after, no_tax_from_abroad, home, made_out_to,
  issued_by (partner, vendor or a name), once, arithmetic
[costs]    eligible, ineligible (kinds)
[[cap]]    name, amount and/or percent_of_fund (larger_of_both), per (request, claim, activity, month,
  quarter, half-year, year, fund), activities, costs, tiers, when, then (reduce, return, refuse)
[activity.KIND]  name, share, fixed, minimum, maximum, eligible, ineligible, request_deadline,
  claim_deadline, settled_by, [[activity.KIND.proof]]
[[proof]]  (asked of every activity) proof, alternatives, together_with, when, check, count, for_each,
  formats, code, words
[files]    formats, name_the_claim
[fund]     starts_on, ends_on, expires, carry_over (percent), carry_over_by, extension.most,
  extension.by, per_partner, per, when_empty (reduce, return, refuse),
  asked_back (at once, when repaid), settled_by (cash, credit, discount, access: the first is usual)
[accrual]  percent, tier.NAME, or least + most; of (purchases, sales), minimum, maximum
[[rule]]   name, on (request, claim, accrual, expiry), each (activity, invoice, proof, cost), when,
  require, code, curable, words, remedy
[curable]  CODE = true | false
[[change]] from, and whatever changes; a claim is judged by the version in force at its approval

Case, top: kind (request, claim, accrual, expiry), submitted_at, judged_at, ref, title, currency,
  vendor, partner {{name, legal_name, tier, country, status, overdue, tax_profile, bank_profile}},
  activities [{{type, starts_on or starts_at, ends_on, costs [{{kind, amount}}], requested, audience,
  place, format, ...}}], requested or claimed, share, partner_pays, request {{submitted_at,
  approved_at, approved, remaining, share, order_number, activities}}, invoices [{{number, issuer,
  issued_on, made_out_to, country, currency, rate, net, tax, total, order_number, lines, shows,
  already_in, activity, ...}}], proofs [name or {{proof, files, file, format, names, activity, ...}}],
  fund {{available, total, used}}, history [{{type, cost, on, amount}}], claims_before, results_at,
  extension {{until, role, by}}, facts {{...}}. A time without an offset is on the programme's clocks.
  Accrual: purchases or sales, accrual_percent. Expiry: unspent, earned_on, carry_over {{role, amount}}.

Shipped programmes to begin with: tcma mdf programme shipped [NAME]
"""
