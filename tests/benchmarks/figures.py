"""Values with their goals, as the report takes them."""

from __future__ import annotations

from chaos.report import Figure


def at_most(name: str, value: float, unit: str, goal: float) -> Figure:
    """Holds up to its goal."""
    return Figure(name, round(value, 3), unit, f"<= {goal:g}", value <= goal)


def below(name: str, value: float, unit: str, goal: float) -> Figure:
    """Holds under its goal."""
    return Figure(name, round(value, 3), unit, f"< {goal:g}", value < goal)


def at_least(name: str, value: float, unit: str, goal: float) -> Figure:
    """Holds from its goal on."""
    return Figure(name, round(value, 3), unit, f">= {goal:g}", value >= goal)


def told(name: str, value: float, unit: str) -> Figure:
    """Has no goal; it explains another one."""
    return Figure(name, round(value, 3), unit, goal="", holds=True)
