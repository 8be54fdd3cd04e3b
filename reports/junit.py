"""A gate as JUnit XML: a suite a stage, a case for everything that was judged."""

from __future__ import annotations

from xml.etree import ElementTree

from reports.gate import Case, Gate


def junit(gate: Gate) -> bytes:
    """The file's bytes: a new finding is a failure, an unknown an error, a known finding is told beside its case.

    What was left out, and what does not apply, is skipped; that the budget was too small is a failure of its own.
    """
    new = gate.new()
    root = ElementTree.Element("testsuites", name="ovqsim gate", time=f"{gate.seconds:.3f}")
    for stage in gate.stages:
        failed = sum(any(one.id in new for one in case.found) for case in stage.cases)
        suite = ElementTree.SubElement(
            root, "testsuite", name=stage.name, tests=f"{len(stage.cases)}", failures=f"{failed}",
            errors=f"{sum(bool(case.unknown) for case in stage.cases)}",
            skipped=f"{sum(bool(case.skipped) for case in stage.cases)}", time=f"{stage.seconds:.3f}",
        )  # fmt: skip
        for case in stage.cases:
            _case(suite, stage.name, case, set(new))
    if gate.lacking():
        suite = ElementTree.SubElement(root, "testsuite", name="budget", tests="1", failures="1", errors="0")
        node = ElementTree.SubElement(suite, "testcase", classname="budget", name="the budget suffices")
        _said(node, "failure", "budget", gate.lacking())
    expired = gate.expired()
    if expired:
        suite = ElementTree.SubElement(
            root, "testsuite", name="known findings", tests=f"{len(expired)}", failures=f"{len(expired)}", errors="0"
        )
        for one in expired:
            node = ElementTree.SubElement(suite, "testcase", classname="known findings", name=one.id, file=one.place)
            _said(node, "failure", "expired", f"{one.id} was to be gone by {one.expires} ({one.owner}: {one.reason})")
    return ElementTree.tostring(root, encoding="utf-8", xml_declaration=True) + b"\n"


def _case(suite: ElementTree.Element, stage: str, case: Case, new: set[str]) -> None:
    node = ElementTree.SubElement(suite, "testcase", classname=stage, name=case.name, file=case.file)
    for one in case.found:
        told = f"{one.remains}\n{one.schedule}\nid: {one.id}" + (f"\nreplay: {one.command}" if one.command else "")
        if one.id in new:
            _said(node, "failure", one.check, told)
        else:
            ElementTree.SubElement(node, "system-out").text = _clean(f"known: {told}")
    if case.unknown:
        _said(node, "error", "unknown", case.unknown)
    if case.skipped:
        ElementTree.SubElement(node, "skipped", message=_clean(case.skipped))


def _said(node: ElementTree.Element, kind: str, type_: str, text: str) -> None:
    first = text.partition("\n")[0]
    said = ElementTree.SubElement(node, kind, type=type_, message=_clean(first))
    said.text = _clean(text)


def _clean(text: str) -> str:
    """Without the control characters that XML cannot hold."""
    return "".join(char for char in text if char in "\n\t" or char >= " ")
