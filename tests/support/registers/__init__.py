"""Swedish registers that nobody has: composed companies on both sides, corrupted at stated rates, with the truth."""

from support.registers.corruption import CLEAN, DIRTY, Rates
from support.registers.deceiving import a_deceiving_register
from support.registers.generator import Registers, registers

__all__ = ["CLEAN", "DIRTY", "Rates", "Registers", "a_deceiving_register", "registers"]
