"""The verbs of scenarios: a file a family, a struct a verb.

`ALL` maps each word to its struct.  A struct's fields are the verb's arguments; `refers` says which of
them name things that must exist (``host``, ``network``, ``cluster``, ``vm``, ``nic``, ``server``), `makes`
which name things that exist from then on, `bounds` which numbers one may be; `act` is what the administrator does.
"""

from __future__ import annotations

from scenarios.verbs import host, network, power, vm, vnic
from scenarios.verbs.base import Verb

ALL: dict[str, type[Verb]] = {
    verb.word: verb for verb in (*network.VERBS, *vm.VERBS, *vnic.VERBS, *power.VERBS, *host.VERBS)
}
