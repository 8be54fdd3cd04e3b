"""A gate's findings as the workflow commands that a code-hosting CI shows at the right file."""

from __future__ import annotations

from reports.gate import Gate


def annotation_lines(gate: Gate) -> list[str]:
    """A line for each new finding, unknown and known finding whose day is past, and for a budget that was too small."""
    lines = []
    for name, cases in gate.new().items():
        case, one = cases[0]
        told = "; ".join(filter(None, (f"{one.remains}. {_sentence(one.schedule)}Finding {name}", one.command)))
        lines.append(_line(case.file, 1, one.check, told))
    lines += [_line(case.file, 1, "unknown", f"{case.name}: {case.unknown}") for case in gate.unknowns()]
    for known in gate.expired():
        file, _, rest = known.place.partition(":")
        line = rest.partition(":")[0]
        told = f"{known.id} was to be gone by {known.expires} ({known.owner}: {known.reason})"
        lines.append(_line(file, int(line) if line.isdecimal() else 1, "known finding expired", told))
    return lines + ([f"::error title=budget::{_text(gate.lacking())}"] if gate.lacking() else [])


def _sentence(words: str) -> str:
    return f"{words}. " if words else ""


def _line(file: str, line: int, title: str, text: str) -> str:
    return f"::error file={_property(file)},line={line},title={_property(title)}::{_text(text)}"


def _text(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _text(text).replace(":", "%3A").replace(",", "%2C")
