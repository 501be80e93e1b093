"""Nothing is ignored in silence: an unknown field or question is refused by its name."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.db.models import Model, QuerySet
from django_filters import CharFilter, Filter, FilterSet, MultipleChoiceFilter
from rest_framework import serializers
from rest_framework.exceptions import MethodNotAllowed, ValidationError
from rest_framework.request import Request
from rest_framework.viewsets import GenericViewSet

from governance_app.people import access
from governance_app.people.access import User


class StrictSerializer(serializers.Serializer[Any]):
    """A body whose fields are all known, and whose values are of the types the document names."""

    def to_internal_value(self, data: Any) -> Any:
        """Refuse fields that nobody reads, and values that would have to be guessed at."""
        if isinstance(data, Mapping):
            known = {name: field for name, field in self.fields.items() if not field.read_only}
            wrong = {str(name): ["There is no such field."] for name in data if name not in known}
            for name, field in known.items():
                if name in data and (words := _wrong_type(field, data[name])):
                    wrong[name] = [words]
                elif name in data and _holds_nul(data[name]):
                    wrong[name] = ["No text may hold the character NUL."]
            if wrong:
                raise ValidationError(wrong)
        return super().to_internal_value(data)


#: What a field is written as in JSON: the first class that fits -> types, words.
_JSON: tuple[tuple[type[serializers.Field[Any, Any, Any, Any]], tuple[type, ...], str], ...] = (
    (serializers.BooleanField, (bool,), "true or false"),
    (serializers.IntegerField, (int,), "a whole number"),
    (serializers.FloatField, (int, float), "a number"),
    (serializers.DecimalField, (str,), 'text, such as "12.50", so that no digit is lost'),
    (serializers.CharField, (str,), "text"),
    (serializers.DateField, (str,), "text"),
    (serializers.DateTimeField, (str,), "text"),
    (serializers.UUIDField, (str,), "text"),
)


def _wrong_type(field: serializers.Field[Any, Any, Any, Any], value: Any) -> str:
    """Say as what a value has to be written; empty when it is, or is somebody else's to judge."""
    if value is None:
        return ""
    if isinstance(field, serializers.ListField) and isinstance(value, list) and field.child:
        return next(filter(None, (_wrong_type(field.child, one) for one in value)), "")
    if isinstance(field, serializers.DictField) and isinstance(value, dict) and field.child:
        return next(filter(None, (_wrong_type(field.child, one) for one in value.values())), "")
    if getattr(field, "takes_numbers", False) and type(value) in (int, float):
        return ""
    for kind, types, words in _JSON:
        if isinstance(field, kind):
            is_right = isinstance(value, types) and (bool in types or not isinstance(value, bool))
            return "" if is_right else f"Write {words}."
    return ""


def _holds_nul(value: Any) -> bool:
    """Tell whether a JSON value has, at any depth, a text that no column of the database holds."""
    if isinstance(value, str):
        return "\x00" in value
    if isinstance(value, Mapping):
        return any(_holds_nul(each) for each in (*value, *value.values()))
    return isinstance(value, list) and any(map(_holds_nul, value))


class AmountField(serializers.DecimalField):
    """
    An exact amount as text, without the zeros behind it.

    Args:
        takes_numbers: read JSON numbers too, for doors that programs of others push through.
    """

    def __init__(self, *, takes_numbers: bool = False, **options: Any) -> None:
        self.takes_numbers = takes_numbers
        super().__init__(max_digits=38, decimal_places=18, **options)

    def to_representation(self, value: Any) -> str:
        """Write an amount so that nothing is lost and nothing is added."""
        amount = Decimal(value)
        return "0" if not amount else f"{amount.normalize():f}"


class Door(GenericViewSet[Any]):
    """
    A view of the API: signed in, strict, and cut to what the viewer may see.

    ``model`` is what its rows are; ``asks`` names questions beside those of the filter and
    the pages; ``permission`` must be held somewhere in the tree.
    """

    model: type[Model]
    asks: frozenset[str] = frozenset()
    permission = "view"
    lookup_url_kwarg = "key"

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Refuse who holds the permission nowhere, and questions that nobody answers."""
        super().initial(request, *args, **kwargs)
        if getattr(self, str(request.method).lower(), None) is None:
            raise MethodNotAllowed(str(request.method))
        if not access.can_anywhere(self.viewer, self.permission):
            raise access.Refused(access.can(self.viewer, self.permission).reason)
        unknown = set(request.query_params) - self._known_questions()
        if unknown:
            raise ValidationError({name: ["There is no such question."] for name in unknown})
        twice = {
            name
            for name, values in request.query_params.lists()
            if len(values) > 1 and not isinstance(self._filters().get(name), MultipleChoiceFilter)
        }
        if twice:
            raise ValidationError({name: ["Ask it once."] for name in twice})
        blank = {
            name
            for name, values in request.query_params.lists()
            if "" in values and not isinstance(self._filters().get(name), CharFilter)
        }
        if blank:
            raise ValidationError({name: ["Give it a value or leave it out."] for name in blank})

    @property
    def viewer(self) -> User:
        """Who asks."""
        user: User = self.request.user  # type: ignore[assignment]
        return user

    def get_queryset(self) -> QuerySet[Any]:
        """Give the rows the viewer may see; none while the schema is written."""
        if getattr(self, "swagger_fake_view", False):
            return QuerySet(self.model).none()
        return self.rows()

    def rows(self) -> QuerySet[Any]:
        """Give the rows the viewer may see."""
        raise NotImplementedError

    def paged(
        self, rows: QuerySet[Any], serializer: type[serializers.BaseSerializer[Any]], **context: Any
    ) -> Any:
        """Answer one page of rows."""
        page = self.paginate_queryset(self.filter_queryset(rows))
        extra = {**self.get_serializer_context(), **context}
        return self.get_paginated_response(serializer(page, many=True, context=extra).data)

    def body(self, serializer: type[serializers.Serializer[Any]]) -> dict[str, Any]:
        """Read the body of a request, or refuse it field by field."""
        read = serializer(data=self.request.data, context=self.get_serializer_context())
        read.is_valid(raise_exception=True)
        found: dict[str, Any] = read.validated_data
        return found

    def _known_questions(self) -> set[str]:
        if self.request.method != "GET" or self.detail:
            return set(self.asks)
        return {*self.asks, "cursor", "limit", *self._filters()}

    def _filters(self) -> Mapping[str, Filter]:
        filters: type[FilterSet] | None = getattr(self, "filterset_class", None)
        return filters.base_filters if filters else {}
