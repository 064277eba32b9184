"""The practice statement and the time-stamp disclosure as pages: HTML without scripts or styles of their own.

Knows the statement and the texts. Every value is escaped. Must not know HTTP.
"""

from collections.abc import Callable
from datetime import timedelta
from html import escape

from api.rendering import policy_texts as texts
from api.rendering.policy_statement import PolicyStatement, policies_of, stated_profiles
from signing.profiles import Profile


def practice_page(statement: PolicyStatement, language: str) -> bytes:
    """The certification practice statement with the table of profiles, in ``vi`` or ``en``."""
    pick = _chooser(language)
    values = {
        "arc": statement.site.arc.root,
        "published": f"{statement.site.base_url}/pki",
        "link": statement.site.arc.secondary_extension,
        "reading": pick(texts.READINGS[statement.reading.value]),
    }
    parts = [_section(pick(title), pick(text).format(**values)) for title, text in texts.CPS_SECTIONS]
    if statement.site.development:
        parts.append(f"<p>{escape(pick(texts.DEVELOPMENT_KEYS))}</p>")
    rows = [_row(profile, statement, language) for profile in stated_profiles()]
    head = "".join(f'<th scope="col">{escape(pick(column))}</th>' for column in texts.COLUMNS)
    parts.append(f"<h2>{escape(pick(texts.PROFILES_TITLE))}</h2>")
    parts.append(f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table>")
    parts.append(_authorities(statement, language))
    return _page(pick(texts.CPS_TITLE), parts, statement, language)


def disclosure_page(statement: PolicyStatement, language: str) -> bytes:
    """The time-stamp disclosure, in ``vi`` or ``en``."""
    pick = _chooser(language)
    milliseconds = int(statement.timestamp_accuracy / timedelta(milliseconds=1))
    values = {"policy": statement.site.arc.timestamp_policy, "accuracy": f"{milliseconds} ms"}
    parts = [_section(pick(title), pick(text).format(**values)) for title, text in texts.TSA_SECTIONS]
    return _page(pick(texts.TSA_TITLE), parts, statement, language)


def _chooser(language: str) -> Callable[[texts.Text], str]:
    index = 1 if language == "en" else 0

    def pick(text: texts.Text) -> str:
        return text[index]

    return pick


def _row(profile: Profile, statement: PolicyStatement, language: str) -> str:
    days = texts.DAYS[1 if language == "en" else 0]
    cells = (
        profile.name.value,
        ", ".join(policies_of(profile, statement.site)),
        ", ".join(name.value for name in profile.issuers) or profile.name.value,
        ", ".join(kind.value for kind in profile.key_kinds),
        ", ".join(profile.key_usage),
        f"{profile.max_validity.days} {days}",
    )
    return "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in cells) + "</tr>"


def _authorities(statement: PolicyStatement, language: str) -> str:
    title = texts.AUTHORITIES[1 if language == "en" else 0]
    items = "".join(
        f"<li>{escape(one.subject)} ({escape(one.key)}) – "
        f'<a href="{escape(statement.site.certificate_url(one.name.value))}">{escape(one.name.value)}.cer</a>, '
        f'<a href="{escape(statement.site.crl_url(one.name.value))}">{escape(one.name.value)}.crl</a>, '
        f"SHA-256 <code>{escape(one.sha256)}</code></li>"
        for one in statement.authorities
    )
    return f"<h2>{escape(title)}</h2><ul>{items}</ul>"


def _section(title: str, text: str) -> str:
    return f"<h2>{escape(title)}</h2><p>{escape(text)}</p>"


def _page(title: str, parts: list[str], statement: PolicyStatement, language: str) -> bytes:
    pick = _chooser(language)
    warning = f"<p><strong>{escape(pick(texts.DEVELOPMENT))}</strong></p>" if statement.site.development else ""
    other = "vi" if language == "en" else "en"
    html = (
        f'<!DOCTYPE html><html lang="{language}"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><title>{escape(title)}</title></head>'
        f'<body><main><h1>{escape(title)}</h1>{warning}<p><a href="?lang={other}" hreflang="{other}" lang="{other}">'
        f'{escape(pick(texts.OTHER_LANGUAGE))}</a> · <a href="/pki/profiles.json">{escape(pick(texts.MACHINE))}</a></p>'
        f"{''.join(parts)}</main></body></html>\n"
    )
    return html.encode()
