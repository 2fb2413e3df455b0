"""All SQL of the matcher's slice: one statement over arrays per call."""

from matcher.repository.decisions import DecisionRepository
from matcher.repository.forms import FormsRepository
from matcher.repository.listings import ListingRepository
from matcher.repository.registers import RegisterRepository, StoredCustomer

__all__ = ["DecisionRepository", "FormsRepository", "ListingRepository", "RegisterRepository", "StoredCustomer"]
