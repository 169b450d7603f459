"""Takes a bounce, complaint, answer or provider notice into the house, from a file or a mail server's pipe."""

import argparse
import sys
from pathlib import Path
from urllib.parse import urlsplit

from tcma.cli.main import GOOD, readable, say, settings_here
from tcma.delivery import feedback
from tcma.ids import Signer
from tcma.permissions import SYSTEM
from tcma.wiring import installation

PIPE = Path("-")


def addresses(args: argparse.Namespace) -> int:
    """Say where providers and mail servers send what comes back."""
    settings = settings_here()
    token = feedback.hook_token(Signer(settings.secret))
    mail = ", ".join(without_password(each) for each in settings.return_mail)
    answer = {
        "webhook": f"{settings.public_url}/hooks/mail/{token}",
        "sns": f"{settings.public_url}/hooks/sns",
        "mail": mail or None,
    }
    words = [
        f"webhooks of providers:  {answer['webhook']}",
        f"Amazon SNS:             {answer['sns']}",
        f"mail that comes back:   {mail or 'nowhere; set TCMA_RETURN_MAIL'}",
    ]
    say(args, answer, "\n".join(words))
    return GOOD


def without_password(address: str) -> str:
    """Return the address as it may be shown."""
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"


def record(args: argparse.Namespace) -> int:
    """Classify what came and let it act; the same report twice is one."""
    raw = sys.stdin.buffer.read() if args.file == PIPE else readable(args.file).read_bytes()
    with installation(settings_here()) as services, services.transaction(SYSTEM) as work:
        taken = feedback.record_raw(work, "mail", raw)
    answer = [
        {
            "recipient": one.feedback.recipient,
            "action": one.feedback.action.value,
            "message": one.message_id,
            "new": one.fresh,
        }
        for one in taken
    ]
    say(args, answer, "\n".join(f"{a['action']} {a['recipient']}" for a in answer))
    return GOOD
