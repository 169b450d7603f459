"""What mail providers call us with: bounces and complaints, of Amazon SES by SNS, of others as they are."""

from hmac import compare_digest

from flask import make_response, request
from flask.typing import ResponseReturnValue

from tcma.delivery import feedback
from tcma.delivery.feedback_parse import classify
from tcma.errors import NotFound
from tcma.web.auth import open_to_all
from tcma.web.guards import csrf
from tcma.web.public import public
from tcma.web.unit_of_work import services, work


@public.post("/hooks/sns")
@csrf.exempt
@open_to_all("Amazon's signature, and only of topics that are configured")
def sns_take() -> ResponseReturnValue:
    """Take one notice in; the same one again changes nothing."""
    notice = services().sns.read(request.get_data())
    if notice is not None:
        number, text = notice
        feedback.record(work(), "sns", number, classify(text))
    return make_response("", 204)


@public.post("/hooks/mail/<token>")
@csrf.exempt
@open_to_all("only who was told the address knows it")
def provider_notice_take(token: str) -> ResponseReturnValue:
    """Take in what Postmark, SendGrid, Mailgun, SparkPost, Mandrill, Brevo or Mailjet tell; the same
    again changes nothing.
    """
    if not compare_digest(token.encode(), feedback.hook_token(work().site.signer).encode()):
        raise NotFound
    feedback.record_raw(work(), "hook", request.get_data())
    return make_response("", 204)
