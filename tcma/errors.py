"""The six ways a verb can refuse; every edge maps these, and only these, to its own language."""

from collections.abc import Mapping

from tcma.words import joined, say


class TcmaError(Exception):
    """A refusal with a sentence for people, a stable dotted code, and what to do about it."""

    code = "error"

    def __init__(self, message: str, *, code: str | None = None, remedy: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.code = code or type(self).code
        self.remedy = remedy

    @property
    def advice(self) -> str:
        """The message and what to do about it, behind each other."""
        return joined(self.message, self.remedy or "")


class NotFound(TcmaError):  # noqa: N818 - a refusal, in product words
    """It does not exist, or it is not this principal's to see: the same answer."""

    code = "not_found"

    def __init__(
        self,
        message: str = say("We cannot find this."),
        *,
        code: str | None = None,
        remedy: str | None = None,
    ) -> None:
        super().__init__(message, code=code, remedy=remedy)


class Forbidden(TcmaError):  # noqa: N818 - a refusal, in product words
    """The principal may see it, but its role may not do this."""

    code = "forbidden"


class Conflict(TcmaError):  # noqa: N818 - a refusal, in product words
    """The state changed meanwhile, or the request contradicts it."""

    code = "conflict"


class Invalid(TcmaError):  # noqa: N818 - a refusal, in product words
    """The input is wrong; `fields` maps field name to message."""

    code = "invalid"

    def __init__(
        self,
        message: str,
        *,
        code: str | None = None,
        remedy: str | None = None,
        fields: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message, code=code, remedy=remedy)
        self.fields = dict(fields or {})


class LimitReached(TcmaError):  # noqa: N818 - a refusal, in product words
    """Too many, too much, too fast; the message says until when."""

    code = "limit_reached"


class Unavailable(TcmaError):  # noqa: N818 - a refusal, in product words
    """Something outside does not answer; trying again later is right."""

    code = "unavailable"
