"""The one exception ingest raises at people, and the classes errors are sorted into."""

from __future__ import annotations


class IngestError(Exception):
    """A path or file that cannot be loaded: `{file}: {what is wrong}. {what to do}.`"""


_CODES = {
    401: "auth",
    403: "auth",
    404: "not_found",
    408: "timeout",
    409: "business",
    422: "schema",
    429: "rate_limit",
    499: "cancelled",
    504: "timeout",
}

_WORDS = (
    ("context_length", ("context_length", "contextwindow", "maximumcontext", "toomanytokens")),
    ("content_filter", ("content_filter", "contentpolicy", "contentfilter", "safety")),
    ("rate_limit", ("ratelimit", "rate_limit", "toomanyrequests", "throttl", "quota")),
    ("timeout", ("timeout", "timedout", "deadline")),
    ("cancelled", ("cancel", "abort", "interrupt")),
    ("auth", ("auth", "permission", "forbidden", "credential", "accessdenied")),
    ("not_found", ("notfound", "not_found", "nosuch", "lookuperror", "keyerror")),
    (
        "schema",
        (
            *("schema", "validation", "parse", "json", "typeerror", "valueerror"),
            *("badrequest", "invalidrequest", "invalid_request"),
        ),
    ),
    ("business", ("business", "precondition", "conflict", "rejected")),
    ("server", ("server", "unavailable", "connection", "internal", "overloaded", "badgateway")),
)


def classify(error_type: str | None, http_status: int | None) -> str:
    """The error class of a stated error type and HTTP status; never from message words."""
    if http_status in _CODES:
        return _CODES[http_status]
    if http_status is not None and http_status >= 400:
        return "server" if http_status >= 500 else "schema"
    if error_type and error_type.isdigit():
        return classify(None, int(error_type))
    folded = (error_type or "").lower().replace(" ", "").replace(".", "")
    for name, words in _WORDS:
        if any(word in folded for word in words):
            return name
    return "unknown"
