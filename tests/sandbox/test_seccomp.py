import struct

import pytest

from taskseed.sandbox.seccomp import calculation_program, filter_program

ALLOW, REFUSE, ABSENT, KILL = 0x7FFF_0000, 0x0005_0001, 0x0005_0026, 0x8000_0000
MACHINE = {"x86_64": 0xC000_003E, "aarch64": 0xC000_00B7}


def decide(program, machine, number, argument=0, second=0):
    """Interpret the filter for one call, as the kernel does."""
    data = struct.pack("=IIQQQ", number, machine, 0, argument, second)
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


@pytest.mark.parametrize(
    ("machine", "number", "arguments", "decision"),
    [
        ("x86_64", 0, (), ALLOW),  # read
        ("x86_64", 9, (), ALLOW),  # mmap
        ("x86_64", 231, (), ALLOW),  # exit_group
        ("x86_64", 41, (), REFUSE),  # socket
        ("x86_64", 53, (), REFUSE),  # socketpair
        ("x86_64", 56, (0x3D0F00,), REFUSE),  # clone, as a new thread does
        ("x86_64", 57, (), REFUSE),  # fork
        ("x86_64", 59, (), REFUSE),  # execve
        ("x86_64", 62, (), REFUSE),  # kill
        ("x86_64", 90, (), REFUSE),  # chmod
        ("x86_64", 101, (), REFUSE),  # ptrace
        ("x86_64", 425, (), REFUSE),  # io_uring_setup
        ("x86_64", 435, (), ABSENT),  # clone3
        ("x86_64", 9999, (), REFUSE),  # what no kernel has yet
        ("x86_64", 16, (1, 0x5401), ALLOW),  # ioctl TCGETS
        ("x86_64", 16, (1, 0x5412), REFUSE),  # ioctl TIOCSTI
        ("x86_64", 72, (1, 1), ALLOW),  # fcntl F_GETFD
        ("x86_64", 72, (1, 8), REFUSE),  # fcntl F_SETOWN
        ("x86_64", 302, (0, 0), ALLOW),  # prlimit64 of itself
        ("x86_64", 302, (4711, 0), REFUSE),  # prlimit64 of another process
        ("x86_64", 0x4000_0000, (), KILL),
        ("aarch64", 63, (), ALLOW),
        ("aarch64", 198, (), REFUSE),  # socket
        ("aarch64", 220, (), REFUSE),  # clone
        ("aarch64", 261, (1, 0), REFUSE),
    ],
)
def test_a_calculation_may_do_nothing_else(machine, number, arguments, decision):
    """What is not listed is refused, unknown calls included; some calls depend on their arguments."""
    assert decide(calculation_program(machine), MACHINE[machine], number, *arguments) == decision


def test_calls_of_another_machine_are_fatal():
    """A call made in the convention of another machine (32-bit code) ends the program."""
    assert decide(filter_program("x86_64"), 0x4000_0003, 0) == KILL


def test_unknown_machines_have_no_filter():
    """Where the call numbers are not known there is no filter to pretend with."""
    assert filter_program("riscv64") is None
    assert calculation_program("riscv64") is None
