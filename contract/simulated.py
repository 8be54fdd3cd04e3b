"""A host of fakes, in a world of its own: `ip`, Open vSwitch, and a process that holds taps as a qemu does."""

from __future__ import annotations

from collections.abc import Coroutine
from functools import partial
from typing import Any

from fakes.host.kernel import Ip, reap
from fakes.host.openvswitch import OpenVSwitch
from fakes.links import LOCAL_COMMAND
from fakes.records import SCHEMAS, TAPS
from fakes.records.host import Tap
from sim.clock import SECOND
from sim.decisions.scripted import Scripted
from sim.fates import Fate
from sim.nodes import Service
from sim.outcomes import Failed
from sim.world import World

HOST = "h1"
HOLDERS = ("qemu-1", "qemu-2", "qemu-3")
ENOUGH = 120
"""Seconds in which any command ends, and a host boots."""


class Holder(Service):
    """Opens taps of its own, as libvirt does for a qemu (docs/facts/libvirt.md 8)."""

    async def on_open(self, name: str, mac: str) -> None:
        """A tap that is there as long as this process."""
        number = self.world.number(f"ifindex {self.node}")
        tap = Tap(name, number, mac, self.process.name, "libvirt", self.process.name)
        await self.commit(f"tap {name} opened", self.table(TAPS).put(tap))


class Shell(Service):
    """Gives commands."""

    async def give(self, program: str, verb: str, args: dict[str, Any]) -> Any:
        """One command to a program of the host."""
        return await self.call(LOCAL_COMMAND, HOST, program, verb, "", args)


class SimulatedHost:
    """One host of fakes; a command of it is a call that is played to its end."""

    def __init__(self) -> None:
        decisions = Scripted([])
        self.world = World(decisions)
        self.kernel = self.world.kernel
        self.kernel.after_step = self.world.store.unjudged.clear
        self.world.store.declare(SCHEMAS.values())
        node = self.world.add_node(HOST, partial(reap, self.world.store, HOST))
        programs: dict[str, Any] = {"ip": Ip, "ovs": OpenVSwitch, **dict.fromkeys(HOLDERS, Holder)}
        for name, factory in programs.items():
            self.world.add_process(node, name, factory, boots=name not in HOLDERS)
            self.world.start(HOST, name)
        self.world.add_process(self.world.add_node("shell"), "shell", Shell)
        self.world.start("shell", "shell")
        self.wait(1)

    def __enter__(self) -> Any:
        return self

    def __exit__(self, *_: object) -> None:
        self.world.close()

    def wait(self, seconds: float) -> None:
        """Let so much time pass."""
        self.kernel.advance(self.kernel.now + round(seconds * SECOND), 1_000_000, lambda: False)

    def give(self, program: str, verb: str, /, **args: Any) -> Any:
        """A command, to its end.

        Raises:
            Failed: as the program says.
        """
        shell = self.world.nodes["shell"].processes["shell"].service
        assert isinstance(shell, Shell)
        task = self.kernel.spawn(shell.process, self._act(shell, program, verb, args), verb, None)
        self.kernel.advance(self.kernel.now + ENOUGH * SECOND, 1_000_000, lambda: task.ended)
        assert task.ended, f"{verb} is still at work"
        if task.error is not None:
            raise task.error
        return task.value

    @staticmethod
    def _act(shell: Shell, program: str, verb: str, args: dict[str, Any]) -> Coroutine[Any, Any, Any]:
        return shell.give(program, verb, args)

    def tried(self, program: str, verb: str, /, **args: Any) -> str:
        """A command, and what it says: "" or its exit status and text."""
        try:
            self.give(program, verb, **args)
        except Failed as failed:
            return f"{failed.code}: {failed}"
        return ""

    def kill(self, process: str) -> None:
        """SIGKILL; it stays dead."""
        self.world.faults.strike(Fate("crash", node=HOST, process=process), -1)
        self.wait(1)

    def start(self, process: str) -> None:
        """Start a process again."""
        self.world.start(HOST, process)
        self.wait(1)

    def hold(self, name: str) -> None:
        """A process that holds no other tap opens this one."""
        held = {tap.holder for tap in self.table(TAPS).rows.values()}
        holder = next(one for one in HOLDERS if one not in held)
        self.start(holder)
        self.give(holder, "open", name=name, mac="")

    def kill_holder(self, name: str) -> None:
        """SIGKILL for the process that has opened it."""
        self.kill(self.table(TAPS).rows[name].holder)

    def reboot(self) -> None:
        """Power goes and comes back; daemons are up again when this returns."""
        self.world.power_off(HOST)
        self.wait(1)
        self.world.power_on(HOST)
        self.wait(ENOUGH)

    def table(self, schema: Any) -> Any:
        """A table of the host."""
        return self.world.store.table(schema, HOST)
