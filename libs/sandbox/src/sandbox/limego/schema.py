"""The schema file, read once: what GraphQL serves, and the bodies of events, which no query leads to."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from graphql import GraphQLObjectType, GraphQLSchema, build_schema, get_named_type, is_object_type

FILE = Path(__file__).with_name("schema.graphql")


@cache
def whole() -> GraphQLSchema:
    """Everything in the file."""
    return build_schema(FILE.read_text("utf-8"))


@cache
def served() -> GraphQLSchema:
    """What the queries and mutations lead to: this is what introspection shows."""
    return GraphQLSchema(query=whole().query_type, mutation=whole().mutation_type)


def object_type(name: str) -> GraphQLObjectType:
    """A type of the file by its name."""
    found = whole().type_map[name]
    assert isinstance(found, GraphQLObjectType)
    return found


def body(kind: GraphQLObjectType, source: Mapping[str, Any]) -> dict[str, Any]:
    """The values as the file shapes this type: its fields in its order, without those that `source` has not."""
    return {name: _value(field.type, source[name]) for name, field in kind.fields.items() if name in source}


def _value(kind: Any, value: Any) -> Any:
    named = get_named_type(kind)
    return body(named, value) if is_object_type(named) and isinstance(value, Mapping) else value
