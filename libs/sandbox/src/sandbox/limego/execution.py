"""Runs GraphQL: the schema with its resolvers, and a cache of documents that were parsed and found valid."""

from collections import OrderedDict
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import Any

from graphql import (
    DocumentNode,
    FloatValueNode,
    GraphQLError,
    GraphQLScalarType,
    GraphQLSchema,
    IntValueNode,
    OperationDefinitionNode,
    ValueNode,
    execute_sync,
    parse,
    validate,
)
from graphql.language import FieldNode

from sandbox.limego import edits, removal
from sandbox.limego.reading import FIELDS, Info, Resolver
from sandbox.limego.refusals import RuleError
from sandbox.limego.schema import object_type, served, whole
from sandbox.limego.world import Caller

CACHED = 500
MUTATIONS: dict[str, Callable[..., Any]] = {
    "updateOrganization": edits.update_organization,
    "updateDeal": edits.update_deal,
    "updatePerson": edits.update_person,
    "createOrganization": edits.create_organization,
    "createPerson": edits.create_person,
    "createDeal": edits.create_deal,
    "deleteOrganization": removal.delete_organization,
    "mergeOrganization": removal.merge_organization,
}


@cache
def schema() -> GraphQLSchema:
    """The executable schema."""
    for type_name, resolvers in FIELDS.items():
        for name, resolve in resolvers.items():
            object_type(type_name).fields[name].resolve = resolve
    for name, edit in MUTATIONS.items():
        object_type("Mutation").fields[name].resolve = _mutation(edit)
    scalar = whole().type_map["Decimal"]
    assert isinstance(scalar, GraphQLScalarType)
    scalar.coerce_input_value = scalar.parse_value = _decimal  # type: ignore[method-assign]
    scalar.coerce_input_literal = _decimal_literal
    return served()


def _mutation(edit: Callable[..., Any]) -> Resolver:
    def resolve(source: object, info: Info, **arguments: Any) -> Any:
        return edit(info.context, **arguments)

    return resolve


def _decimal(value: object) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, (int, float, Decimal)):
        raise GraphQLError("a Decimal is a JSON number")
    found = Decimal(str(value))
    if not found.is_finite():
        raise GraphQLError("a Decimal is a finite number")
    return found


def _decimal_literal(node: ValueNode, *_: object) -> Decimal:
    if not isinstance(node, (IntValueNode, FloatValueNode)):
        raise GraphQLError("a Decimal is a JSON number")
    try:
        return Decimal(node.value)
    except InvalidOperation as error:
        raise GraphQLError("a Decimal is a JSON number") from error


class Documents:
    """Queries by their text, parsed and validated once. Clients send few different ones."""

    def __init__(self) -> None:
        self._known: OrderedDict[str, DocumentNode | list[GraphQLError]] = OrderedDict()

    def get(self, query: str) -> DocumentNode | list[GraphQLError]:
        """The document, or what is wrong with it."""
        if query in self._known:
            self._known.move_to_end(query)
            return self._known[query]
        found = self._known[query] = _read(query)
        if len(self._known) > CACHED:
            self._known.popitem(last=False)
        return found


def _read(query: str) -> DocumentNode | list[GraphQLError]:
    try:
        document = parse(query)
    except GraphQLError as error:
        return [error]
    return validate(schema(), document) or document


def roots(document: DocumentNode | list[GraphQLError]) -> str:
    """The names of the outermost fields, such as "updateDeal"; they label the call in the log and in faults."""
    if isinstance(document, list):
        return ""
    operations = (one for one in document.definitions if isinstance(one, OperationDefinitionNode))
    return ",".join(
        field.name.value for one in operations for field in one.selection_set.selections if isinstance(field, FieldNode)
    )


def execute(
    caller: Caller, document: DocumentNode | list[GraphQLError], variables: dict[str, Any] | None, operation: str | None
) -> dict[str, Any]:
    """The answer's body: `data`, `errors` or both."""
    if isinstance(document, list):
        return {"errors": [error.formatted for error in document]}
    result = execute_sync(schema(), document, context_value=caller, variable_values=variables, operation_name=operation)
    for error in result.errors or ():
        if error.original_error and not isinstance(error.original_error, (RuleError, GraphQLError)):
            raise error.original_error
    data = _spoiled(result.data, caller.limego.switches.unreadable)
    answer: dict[str, Any] = {} if data is None and _before_execution(result.errors) else {"data": data}
    if result.errors:
        answer["errors"] = [error.formatted for error in result.errors]
    return answer


def _spoiled(data: Any, unreadable: str) -> Any:
    """The data, with all fields but the id of one record turned null; without the switch, as it is."""
    if not unreadable:
        return data
    if isinstance(data, list):
        return [_spoiled(one, unreadable) for one in data]
    if not isinstance(data, dict):
        return data
    if str(data.get("id")) == unreadable:
        return {name: value if name == "id" else None for name, value in data.items()}
    return {name: _spoiled(value, unreadable) for name, value in data.items()}


def _before_execution(errors: list[GraphQLError] | None) -> bool:
    return bool(errors) and all(error.path is None for error in errors or ())
