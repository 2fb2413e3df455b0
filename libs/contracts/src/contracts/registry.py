"""Which message types each topic carries; the receiver finds the class by the type's name in the header."""

from __future__ import annotations

from contracts import commands, events, health, outcomes, topics
from contracts.message import Message

MESSAGES: dict[str, tuple[type[Message], ...]] = {
    topics.LIMEGO_COMPANY: (
        events.CompanyChanged,
        events.CustomerBecameClient,
        events.DealWon,
        events.DealReopened,
        events.TriggerUnreadable,
        events.CompanyRemoved,
        events.CompanyListingCompleted,
    ),
    topics.FORTNOX_CUSTOMER: (events.CustomerChanged, events.CustomerListingCompleted),
    topics.FORTNOX_DOCUMENT: (events.InvoiceChanged,),
    topics.FORTNOX_ARTICLE: (events.ProductUpdated,),
    topics.MATCHER_DECISION: (events.CustomerMatched, events.CustomerNotFound, events.MatchReviewRequested),
    topics.COORDINATOR_CONNECTION: (
        events.ConnectionChanged,
        events.CompanyLinked,
        events.CompanyConfirmedNew,
        events.CustomerCreateWithdrawn,
    ),
    topics.FORTNOX_COMMAND: (
        commands.SaveFortnoxCustomer,
        commands.CreateFortnoxInvoice,
        commands.WithdrawFortnoxCustomer,
        commands.WithdrawFortnoxInvoice,
        commands.ReadFortnoxCustomer,
    ),
    topics.LIMEGO_COMMAND: (
        commands.ReadLimeGoCompany,
        commands.SaveLimeGoCompany,
        commands.SaveLimeGoInvoice,
        commands.SaveLimeGoProduct,
    ),
    topics.FORTNOX_OUTCOME: (
        outcomes.RecordSaved,
        outcomes.RecordRefused,
        outcomes.RecordSuperseded,
        health.SideHealthReported,
    ),
    topics.LIMEGO_OUTCOME: (
        outcomes.RecordSaved,
        outcomes.RecordRefused,
        outcomes.RecordSuperseded,
        health.SideHealthReported,
    ),
}

TYPES: dict[str, type[Message]] = {message.__name__: message for messages in MESSAGES.values() for message in messages}
