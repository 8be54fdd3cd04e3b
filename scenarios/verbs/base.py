"""What a verb is, and the administrator who carries verbs out."""

from __future__ import annotations

from typing import Any, ClassVar, TypeVar

import msgspec

from fakes.links import REST
from fakes.records import JOBS
from scenarios.homes import ABOUT, Homes
from scenarios.model import Strict
from sim.clock import HOUR
from sim.nodes import Process, Service
from sim.outcomes import Failed, Unknown
from sim.tables import Schema, Table

R = TypeVar("R", bound=msgspec.Struct)

FINISHED = "finished"
"""What a command came to whose job ended well."""


class Administrator(Service):
    """The person at the engines' web pages: gives commands and watches their jobs.  `homes`: which engine has what."""

    homes: Homes = {}

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

    def _engine(self, args: dict[str, Any]) -> str:
        """The node of the engine that has what the command is about; the first, if it is about nothing with a name."""
        told = ((kind, str(args[kind])) for kind in ABOUT if args.get(kind))
        return next((self.homes[one] for one in told if one in self.homes), next(iter(self.homes.values())))

    def of_engine(self, schema: Schema[R], **args: str) -> Table[R]:
        """The rows of the engine that has what the arguments name."""
        return self.world.store.table(schema, self._engine(args))


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
