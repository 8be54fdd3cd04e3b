"""What a verb is, and the administrator who carries verbs out."""

from __future__ import annotations

from typing import Any, ClassVar, TypeVar

import msgspec

from fakes.links import REST
from fakes.records import CLUSTERS, DATA_CENTERS, HOSTS, JOBS, NETWORKS, VMS
from scenarios.model import Strict
from sim.clock import HOUR
from sim.nodes import Process, Service
from sim.outcomes import Failed, Unknown
from sim.tables import Schema

R = TypeVar("R", bound=msgspec.Struct)

FINISHED = "finished"
"""What a command came to whose job ended well."""


class Administrator(Service):
    """The person at the engines' web pages: gives commands and watches their jobs."""

    async def command(self, action: str, subject: str, /, **args: Any) -> str:
        """Give the engine a command and wait for its job to end; what it came to, in words."""
        try:
            engine = self._engine(args)
            job = await self.call(REST, engine, "engine", action, subject, args)
        except Failed as error:
            return f"refused ({str(error).removeprefix('refused: ')})"
        except Unknown as error:
            return f"unknown ({error})"
        jobs = self.world.store.table(JOBS, engine)
        await self.until(lambda: job not in jobs or jobs[job].status != "STARTED", HOUR)
        row = jobs.get(job)
        return f"{row.status.lower()}{f' ({row.reason})' if row.reason else ''}" if row is not None else "forgotten"

    def named(self, schema: Schema[R], name: str) -> R | None:
        """The row of that name, of the first engine that has one."""
        rows = (self._of(engine, schema, name) for engine in self._engines())
        return next((row for row in rows if row is not None), None)

    def _engines(self) -> list[str]:
        return [table.node for table in self.world.store.by_schema[DATA_CENTERS.name]]

    def _of(self, engine: str, schema: Schema[R], name: str) -> R | None:
        table = self.world.store.table(schema, engine)
        return table.first("name", name) if "name" in table.indexes else table.rows.get(name)

    def _engine(self, args: dict[str, Any]) -> str:
        """The node of the engine that has most of what the command names; the first of those that have as much."""
        about = [(schema, args[argument]) for argument, schema in _ABOUT.items() if args.get(argument)]

        def has(engine: str) -> tuple[int, list[bool]]:
            found = [self._of(engine, schema, name) is not None for schema, name in about]
            return sum(found), found

        return max(self._engines(), key=has)


_ABOUT: dict[str, Schema[Any]] = {
    "data_center": DATA_CENTERS, "vm": VMS, "network": NETWORKS, "host": HOSTS, "cluster": CLUSTERS,
}  # fmt: skip
"""What tells it, the surest first: a command may also name what another engine has, and is refused then."""


class Verb(Strict, frozen=True):
    """One verb with its arguments."""

    word: ClassVar[str]
    example: ClassVar[str]
    """A line of YAML that uses it."""
    refers: ClassVar[dict[str, str]] = {}
    makes: ClassVar[dict[str, str]] = {}
    bounds: ClassVar[dict[str, range]] = {}
    """The numbers that an argument may be."""

    @property
    def subject(self) -> str:
        """The name of the thing that it acts on: its first argument."""
        return str(getattr(self, self.__struct_fields__[0]))

    async def act(self, administrator: Administrator) -> str:
        """Carry it out; what it came to, in words."""
        raise NotImplementedError


def administrator(process: Process) -> Administrator:
    """The administrator in that process."""
    service = process.service
    assert isinstance(service, Administrator)
    return service
