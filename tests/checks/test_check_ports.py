"""Quantum's rows: ports, networks, attachments, VLANs."""

from __future__ import annotations

from typing import Any

import pytest
from claims import fires, quiet
from worlds import World

from fakes.records import DATA_CENTERS, NETWORKS, QUANTUM_NETWORKS, QUANTUM_PORTS, VLAN_BINDINGS, VLAN_MAP, VMS, VNICS
from fakes.records.engine import DataCenter, LogicalNetwork
from fakes.records.quantum import QuantumNetwork, QuantumPort, VlanBinding
from sim.tables import Schema

# --- leftover-port ----------------------------------------------------------------------------------


@fires("leftover-port", "port p2 of network q-red is unplugged, and no vNIC has it")
def test_a_port_that_no_vnic_has_is_left_over(world: World) -> None:
    world.put("q1", QUANTUM_PORTS, QuantumPort("p2", "q-red"))


@fires("leftover-port", "port p2 of network q-red is plugged with gone, and no vNIC has it")
def test_a_plugged_port_that_no_vnic_has_is_left_over(world: World) -> None:
    world.put("q1", QUANTUM_PORTS, QuantumPort("p2", "q-red", attachment="gone"))


@fires("leftover-port", "no vNIC has it")
def test_the_port_of_a_removed_vnic_is_left_over(world: World) -> None:
    world.drop("engine", VNICS, "nic-web1")


@fires("leftover-port", "no vNIC has it")
def test_a_port_whose_vnic_is_on_another_servers_network_is_left_over(world: World) -> None:
    world.add_server("q2")
    world.add_network("green", 100, server="q2")
    world.change("engine", VNICS, "nic-web1", network="net-green")


@fires("leftover-port", "port port-web1 is owned by web1.nic1 and web2.nic1")
def test_a_port_that_two_vnics_have_is_left_over(world: World) -> None:
    world.add_vm("web2")
    world.drop("q1", QUANTUM_PORTS, "port-web2")
    world.change("engine", VNICS, "nic-web2", port="port-web1")


@fires("leftover-port", "web1.nic1 has port port-web1 and also p2")
def test_a_second_port_with_the_attachment_of_a_vnic_is_left_over(world: World) -> None:
    world.put("q1", QUANTUM_PORTS, QuantumPort("p2", "q-red", attachment="att-web1"))


@fires("leftover-port", "web1.nic1 has port port-web1 and also p2")
def test_a_second_port_plugged_with_the_id_of_a_vnic_is_left_over(world: World) -> None:
    world.put("q1", QUANTUM_PORTS, QuantumPort("p2", "q-red", attachment="nic-web1"))


@quiet("leftover-port")
def test_the_unplugged_port_of_a_vnic_is_owned(world: World) -> None:
    world.stop_vm("web1")


@pytest.mark.parametrize("attachment", ["att-web1", "nic-web1"])
@quiet("leftover-port")
def test_a_port_is_owned_by_its_attachment_alone(world: World, attachment: str) -> None:
    world.change("engine", VNICS, "nic-web1", port="")
    world.change("q1", QUANTUM_PORTS, "port-web1", attachment=attachment)


@quiet("leftover-port")
def test_a_vnic_whose_port_on_record_is_gone_owns_the_one_that_it_is_plugged_into(world: World) -> None:
    world.put("q1", QUANTUM_PORTS, QuantumPort("p2", "q-red", attachment="att-web1"))
    world.drop("q1", QUANTUM_PORTS, "port-web1")


@quiet("leftover-port")
def test_a_port_on_the_network_of_another_tenant_is_its_makers(world: World) -> None:
    world.put("q1", QUANTUM_NETWORKS, QuantumNetwork("q-theirs", "somebody", "theirs"))
    world.put("q1", QUANTUM_PORTS, QuantumPort("p2", "q-theirs"))


# --- leftover-network -------------------------------------------------------------------------------


@fires("leftover-network", "Quantum network q-2 ('two') is on q1, and no logical network has it")
def test_a_network_of_the_engine_that_no_logical_network_has_is_left_over(world: World) -> None:
    world.put("q1", QUANTUM_NETWORKS, QuantumNetwork("q-2", "engine", "two"))


@fires("leftover-network", "Quantum network q-2 ('two') is on q1, and no logical network has it")
def test_a_network_of_a_second_engine_that_no_logical_network_has_is_left_over(world: World) -> None:
    world.put("engine2", DATA_CENTERS, DataCenter("dc2"))
    world.put("q1", QUANTUM_NETWORKS, QuantumNetwork("q-2", "engine2", "two"))


@fires("leftover-network", "no logical network has it")
def test_the_network_of_a_removed_logical_network_is_left_over(world: World) -> None:
    world.drop("engine", NETWORKS, "net-red")


@fires("leftover-network", "no logical network has it")
def test_a_network_on_a_server_that_is_not_its_logical_networks_is_left_over(world: World) -> None:
    world.change("engine", NETWORKS, "net-red", server="q2")


@fires("leftover-network", "Quantum network q-red is had by red and pink")
def test_a_network_that_two_logical_networks_have_is_left_over(world: World) -> None:
    world.put("engine", NETWORKS, LogicalNetwork("net-pink", "pink", "dc", "q1", "q-red"))


@quiet("leftover-network")
def test_a_network_of_another_tenant_is_not_the_engines(world: World) -> None:
    world.put("q1", QUANTUM_NETWORKS, QuantumNetwork("q-theirs", "somebody", "theirs"))


@quiet("leftover-network")
def test_a_logical_network_may_wait_for_its_network(world: World) -> None:
    world.put("engine", NETWORKS, LogicalNetwork("net-pink", "pink", "dc", "q1"))


# --- leftover-binding -------------------------------------------------------------------------------


@fires("leftover-binding", "port port-web1 is still plugged with att-web1 of web1.nic1, whose VM is down")
def test_a_plugged_port_of_a_vm_that_is_down_is_left_over(world: World) -> None:
    world.stop_vm("web1")
    world.change("q1", QUANTUM_PORTS, "port-web1", attachment="att-web1")


@fires("leftover-binding", "whose VM is down")
def test_a_plugged_port_of_a_vm_that_is_gone_is_left_over(world: World) -> None:
    world.drop("engine", VMS, "vm-web1")


@fires("leftover-binding", "port port-web1 of web1.nic1 is plugged with somebody")
def test_a_running_vnics_port_with_a_strange_attachment_is_left_over(world: World) -> None:
    world.change("q1", QUANTUM_PORTS, "port-web1", attachment="somebody")


@fires("leftover-binding", "web1.nic1 of a running VM is not plugged in Quantum")
def test_an_unplugged_port_of_a_running_vnic_is_a_missing_binding(world: World) -> None:
    world.change("q1", QUANTUM_PORTS, "port-web1", attachment="")


@fires("leftover-binding", "web1.nic1 of a running VM is not plugged in Quantum")
def test_a_running_vnic_whose_port_is_gone_has_no_binding(world: World) -> None:
    world.drop("q1", QUANTUM_PORTS, "port-web1")


@fires("leftover-binding", "web1.nic1 of a running VM is not plugged in Quantum")
def test_a_running_vnic_without_a_port_on_record_has_no_binding(world: World) -> None:
    world.drop("q1", QUANTUM_PORTS, "port-web1")
    world.change("engine", VNICS, "nic-web1", port="", attachment="")


@quiet("leftover-binding")
def test_the_unplugged_port_of_a_vm_that_is_down_is_no_binding(world: World) -> None:
    world.stop_vm("web1")


@quiet("leftover-binding")
def test_a_port_may_be_plugged_with_the_id_of_its_vnic(world: World) -> None:
    world.change("q1", QUANTUM_PORTS, "port-web1", attachment="nic-web1")


@quiet("leftover-binding")
def test_a_running_vnic_without_quantum_needs_no_binding(world: World) -> None:
    world.add_plain_network("plain")
    world.add_vm("web2", "plain")
    world.run_vm("web2", "h1")


@quiet("leftover-binding")
def test_an_unplugged_vnic_of_a_running_vm_needs_no_binding(world: World) -> None:
    world.change("engine", VNICS, "nic-web1", plugged=False)
    world.change("q1", QUANTUM_PORTS, "port-web1", attachment="")


# --- leftover-segment -------------------------------------------------------------------------------


@pytest.mark.parametrize("schema", [VLAN_BINDINGS, VLAN_MAP], ids=lambda schema: schema.name)
@fires("leftover-segment", "VLAN 300 is held for network q-gone, which does not exist")
def test_a_vlan_held_for_no_network_is_left_over(world: World, schema: Schema[Any]) -> None:
    world.put("q1", schema, VlanBinding(300, "q-gone"))


@fires("leftover-segment", "VLAN 100 is held for network q-red, which does not exist", times=2)
def test_the_vlan_of_a_removed_network_is_left_over(world: World) -> None:
    world.drop("q1", QUANTUM_NETWORKS, "q-red")


@fires("leftover-segment", "VLAN 300 is held for network q-red, which does not exist")
def test_a_vlan_held_for_the_network_of_another_server_is_left_over(world: World) -> None:
    world.add_server("q2")
    world.put("q2", VLAN_BINDINGS, VlanBinding(300, "q-red"))


@quiet("leftover-segment")
def test_a_vlan_is_held_by_its_network(world: World) -> None:
    world.add_network("green", 200)
