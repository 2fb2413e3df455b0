"""All SQL of the matcher's slice: one statement over arrays per call."""

from matcher.repository.decisions import DecisionRepository, Made
from matcher.repository.forms import FormsRepository
from matcher.repository.listings import ListingRepository
from matcher.repository.models import ModelRepository, StoredModel
from matcher.repository.registers import RegisterRepository, StoredCustomer

__all__ = [
    "DecisionRepository",
    "FormsRepository",
    "ListingRepository",
    "Made",
    "ModelRepository",
    "RegisterRepository",
    "StoredCustomer",
    "StoredModel",
]
