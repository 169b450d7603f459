"""Names of columns that are filled in after the result, by the reason why they may not be learnt from."""

import re

_RESULT = (
    r"(deal|opportunity|opp|lead|order|sale|sales|contract|case|application|prospect|pipeline)"
)
_ENDING = (
    r"(close|closed|closing|won|win|lost|loss|converted|conversion|signed|signing|purchase|"
    r"purchased|booked|booking|churn|churned|cancelled|cancellation|resolved|settled|payment|"
    r"paid|invoice|invoiced)"
)
_CALL = r"((last|final|closing|sales)? ?(call|talk|conversation|contact|meeting) )?"
_STEPS = (
    r"(activity|event|action|touch|status|stage|modified|update|updated|engagement|interaction|"
    r"note)"
)
_REFUSAL = r"(reject|rejection|rejected|decline|declined|disqualified|disqualification)"

AFTERWARDS: dict[str, tuple[str, ...]] = {
    "how long the closing call took is known only when it is over": (
        rf"{_CALL}(duration|talk time|length)( (sec|secs|seconds|min|mins|minutes|s))?",
        r"(call|talk) ?time",
    ),
    "it is the day of the result, or counted from it": (
        rf"(date )?{_ENDING}( (date|day|time|at|on|month|week|year|timestamp|flag|by))+",
        rf"date (of )?{_ENDING}",
        rf"(time|days|hours|weeks|months) to {_ENDING}",
        rf"{_ENDING} in (days|weeks|months)",
        r"(sales )?cycle (length|time|days)",
        r"days open",
    ),
    "it says the result in another word": (
        rf"({_RESULT} )?(final )?(outcome|result|disposition|verdict|resolution)( code)?",
        r"(call|final|sales) (outcome|result|status|disposition)",
        rf"({_RESULT} |current |sales |final )?(stage|phase)( name)?",
        rf"({_RESULT} |current |final |call )?status( (code|reason|name))?",
        r"(is |has )?(won|lost|converted|closed|signed|churned)( (won|lost|flag))?",
        rf"({_RESULT} )?(conversion|converted)( flag)?",
    ),
    "it explains the result, so it is written after it": (
        rf"({_ENDING}|{_REFUSAL}|status|stage) (reason|cause|comment|note|notes|to|by|code)s?",
        rf"reason (for )?({_ENDING}|{_REFUSAL})",
        r"competitor( won)?",
    ),
    "it is the money of the result": (
        (
            rf"(total )?({_RESULT}|{_ENDING}|page|transaction) "
            r"(value|amount|revenue|worth|price|sum|total)s?"
        ),
    ),
    "it names what exists only after a result": (
        (
            r"(order|invoice|contract|sale|sales order|purchase order|po|transaction|subscription|"
            r"quote|policy|seller|buyer|won by|closed by) (id|no|nr|number|ref|reference|key)"
        ),
        r"(won|closed|lost|converted) by",
    ),
    "people write it while they work the lead, often when they know how it ends": (
        r"tags?",
        r"lead (quality|profile|grade|rating|temperature|tags?|comment|remarks?|notes?)",
        r"(sales|seller|rep|agent|call|caller) (notes?|comments?|remarks?|feedback|rating)",
    ),
    "it is overwritten with each step up to the result": (
        rf"(last|latest|most recent|recent) (notable )?{_STEPS}( (date|time|type|at|on))?",
        r"(modified|updated)( (date|time|at|on|by))?",
    ),
    "it is another score, worked out again up to the result": (
        (
            r"(.* )?(activity|profile|lead|engagement|quality|conversion|propensity|predictive|model)"
            r" (score|index|grade|rating|probability|points)s?"
        ),
        r"(win )?probability",
        r"forecast( category| status)?",
        r"predicted .*",
        r"propensity",
    ),
}
_READ = {
    reason: tuple(re.compile(pattern) for pattern in patterns)
    for reason, patterns in AFTERWARDS.items()
}


def by_name(name: str) -> str:
    """Return why a column of this name is written after the result, else empty."""
    words = plain(name)
    return next(
        (why for why, patterns in _READ.items() if any(p.fullmatch(words) for p in patterns)), ""
    )


def plain(name: str) -> str:
    """Return a column's name as small words: `closeDate`, `close_date`, `Close Date` are one."""
    words = re.sub(r"([a-z0-9])([A-Z])", r"\1 \2", name)
    return re.sub(r"[^a-z0-9äöüßéè]+", " ", words.casefold()).strip()
