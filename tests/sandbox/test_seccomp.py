import struct

import pytest

from taskseed.sandbox.seccomp import filter_program

ALLOW, REFUSE, ABSENT, KILL = 0x7FFF_0000, 0x0005_0001, 0x0005_0026, 0x8000_0000
MACHINE = {"x86_64": 0xC000_003E, "aarch64": 0xC000_00B7}


def decide(program, machine, number, argument=0):
    """Interpret the filter for one call, as the kernel does."""
    data = struct.pack("=IIQQ", number, machine, 0, argument)
    at, loaded = 0, 0
    while True:
        operation, yes, no, value = struct.unpack_from("=HBBI", program, 8 * at)
        at += 1
        if operation == 0x06:
            return value
        if operation == 0x20:
            (loaded,) = struct.unpack_from("=I", data, value)
        else:
            holds = {0x15: loaded == value, 0x35: loaded >= value, 0x45: bool(loaded & value)}[operation]
            at += yes if holds else no


@pytest.mark.parametrize(
    ("machine", "number", "argument", "decision"),
    [
        ("x86_64", 0, 0, ALLOW),  # read
        ("x86_64", 59, 0, ALLOW),  # execve
        ("x86_64", 56, 0x11, ALLOW),  # clone, as fork does
        ("x86_64", 56, 0x1000_0011, REFUSE),  # clone with a new user namespace
        ("x86_64", 272, 0, REFUSE),  # unshare
        ("x86_64", 165, 0, REFUSE),  # mount
        ("x86_64", 432, 0, REFUSE),  # fsmount
        ("x86_64", 435, 0, ABSENT),  # clone3
        ("x86_64", 0x4000_0000 + 272, 0, KILL),  # unshare by the x32 convention
        ("aarch64", 220, 0x11, ALLOW),
        ("aarch64", 220, 0x1000_0011, REFUSE),
        ("aarch64", 97, 0, REFUSE),
        ("aarch64", 63, 0, ALLOW),
    ],
)
def test_filter_decides(machine, number, argument, decision):
    """Ordinary calls pass; namespaces, mounts and the calls of other conventions do not."""
    assert decide(filter_program(machine), MACHINE[machine], number, argument) == decision


def test_calls_of_another_machine_are_fatal():
    """A call made in the convention of another machine (32-bit code) ends the program."""
    assert decide(filter_program("x86_64"), 0x4000_0003, 0) == KILL


def test_unknown_machines_have_no_filter():
    """Where the call numbers are not known there is no filter to pretend with."""
    assert filter_program("riscv64") is None
