"""Kafka topic names and partition counts. The count of a live topic must not change: keys would move."""

from __future__ import annotations

LIMEGO_COMPANY = "limego.company"
FORTNOX_CUSTOMER = "fortnox.customer"
FORTNOX_DOCUMENT = "fortnox.document"
FORTNOX_ARTICLE = "fortnox.article"
MATCHER_DECISION = "matcher.decision"
COORDINATOR_CONNECTION = "coordinator.connection"
FORTNOX_COMMAND = "fortnox.command"
LIMEGO_COMMAND = "limego.command"
FORTNOX_OUTCOME = "fortnox.outcome"
LIMEGO_OUTCOME = "limego.outcome"

PARTITIONS: dict[str, int] = {
    LIMEGO_COMPANY: 4,
    FORTNOX_CUSTOMER: 4,
    FORTNOX_DOCUMENT: 4,
    FORTNOX_ARTICLE: 4,
    MATCHER_DECISION: 4,
    COORDINATOR_CONNECTION: 1,
    FORTNOX_COMMAND: 4,
    LIMEGO_COMMAND: 4,
    FORTNOX_OUTCOME: 4,
    LIMEGO_OUTCOME: 4,
}

RETENTION_DAYS = 7
