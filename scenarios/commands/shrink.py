"""`ovqsim shrink`: the smallest scenario that still shows a finding."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from scenarios.nearest import nearest
from scenarios.shrinking.case import Case, case_of, ids_of, played
from scenarios.shrinking.minimum import Minimum, minimum
from scenarios.shrinking.wanted import Wanted, wanted
from sim.exploring.shrink import MOST_RUNS
from sim.outcomes import InputError
from sim.reproducer import read


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--design", metavar="NAME", help="The design under which the scenario fails; else the reference.")
@click.option("--defect", metavar="NAME", help="The defect under which it fails.")
@click.option("--finding", metavar="ID", help="The finding that must remain; else the first.")
@click.option("--out", type=click.Path(path_type=Path), metavar="FILE", help="Write the smallest there.")
@click.option(
    "--most", type=click.IntRange(min=1), default=MOST_RUNS, metavar="N", show_default=True, help="Runs, at most."
)
def command(
    file: Path, design: str | None, defect: str | None, finding: str | None, out: Path | None, most: int
) -> int:
    """Make a scenario that fails, or a reproducer, as small as it can be with the same finding.

    Fewer faults, then fewer steps, then fewer machines, then smaller times. What remains is a scenario file; after
    Ctrl-C it is the smallest so far.
    """
    from scenarios.commands.run import check_terms
    from scenarios.commands.writing import check_places

    check_terms(design or "reference", defect or "")
    check_places("", out, inputs=[file])
    if out is not None and out.suffix == ".json":
        raise InputError(f"{out}: would be taken for a reproducer, and a scenario is written; name it {out.stem}.yaml")
    given = _as_recorded(wanted(file, design, defect), file)
    terms = given.terms._replace(finding=_chosen(given, finding, file))
    with interruptible() as undisturbed:
        found = _watched(given._replace(terms=terms), most, undisturbed)
        _conclude(given, terms.finding, found, out, not undisturbed())
        if not undisturbed():
            raise KeyboardInterrupt
    return 0


def _as_recorded(given: Wanted, file: Path) -> Wanted:
    """A reproducer is played up to where it was ended."""
    if file.suffix != ".json":
        return given
    terms = given.terms._replace(most_events=read(file).most_events)
    came = played(case_of(given.scenario), terms) if terms != given.terms else None
    if came is None:
        return given
    first = [one for one in given.findings if one in ids_of(came.result)]
    return given._replace(terms=terms, findings=list(dict.fromkeys([*first, *ids_of(came.result)])))


@contextmanager
def interruptible() -> Iterator[Callable[[], bool]]:
    """Whether Ctrl-C has not come yet: the first one ends no run, the second one ends everything."""
    came: list[int] = []

    def take(number: int, frame: object) -> None:
        came.append(number)
        signal.signal(signal.SIGINT, usual)

    usual = signal.getsignal(signal.SIGINT)
    answered = callable(usual)  # who ignores it goes on to do so
    if answered:
        signal.signal(signal.SIGINT, take)
    try:
        yield lambda: not came
    finally:
        if answered:
            signal.signal(signal.SIGINT, usual)


def _chosen(given: Wanted, finding: str | None, file: Path) -> str:
    """The finding that is to remain."""
    under = given.terms.design + (f" with the defect {given.terms.defect}" if given.terms.defect else "")
    if not given.findings:
        elsewhere = " or ".join(
            f"--defect {one.defect}" if one.defect else f"--design {one.design}" for one in given.scenario.fails_under
        )
        remedy = f"it says that it fails with {elsewhere}" if elsewhere else "name what fails"
        raise InputError(f"{file}: shows nothing under {under}; {remedy}")
    if finding is None:
        return given.findings[0]
    if finding not in given.findings:
        raise InputError(f"{file}: does not show {finding!r} under {under}; {nearest(finding, given.findings)}")
    return finding


def _watched(given: Wanted, most: int, in_time: Callable[[], bool]) -> Minimum:
    """Make it smaller, with a count of runs while somebody watches."""
    from reports.progress import Bar

    with Bar(None, "shrinking") as bar:

        def watch(case: Case | None) -> None:
            bar.advance()

        return minimum(given.scenario, given.terms, watch, most, in_time)


def _conclude(given: Wanted, finding: str, found: Minimum, out: Path | None, cut: bool) -> None:
    from reports.shrunk import shrunk_lines
    from reports.text import width
    from scenarios.shrinking.case import sizes
    from scenarios.yaml_writing import text_of
    from sim.reproducer import replace

    others = [one for one in given.findings if one != finding]
    text = text_of(found.scenario)
    lines = shrunk_lines(
        finding, others, sizes(given.scenario), sizes(found.scenario), found.runs, found.complete, cut, width()
    )
    if out is None:
        click.echo("\n".join([*lines, "", text.rstrip()]))
        return
    try:
        replace(out, text.encode())
    except OSError as error:
        raise InputError(f"{out}: cannot be written ({error.strerror}); name another file") from None
    click.echo("\n".join([*lines, f"wrote {out}"]))
