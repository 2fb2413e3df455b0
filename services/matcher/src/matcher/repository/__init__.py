"""All SQL of the matcher's slice: one statement over arrays per call."""

from matcher.repository.decisions import DecisionRepository
from matcher.repository.registers import RegisterRepository

__all__ = ["DecisionRepository", "RegisterRepository"]
