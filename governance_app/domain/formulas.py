"""
A KPI made of other KPIs: plain arithmetic over their keys, exact, and nothing else.

``(handled - escalated) / handled * 100`` names three keys. A formula knows + - * / and brackets,
numbers and keys; it calls nothing and can reach nothing.
"""

import ast
from collections.abc import Iterable, Mapping
from decimal import Decimal

from governance_app.domain.cashflow import PRECISE
from governance_app.domain.errors import Sentence
from governance_app.domain.figures import Figure, Null
from governance_app.domain.phrases import phrase

LONGEST = 500


class BadFormula(Sentence):
    """A formula that cannot be read; says what is wrong."""


def keys_of(formula: str) -> tuple[str, ...]:
    """
    Give the keys that a formula names, each once, in order.

    >>> keys_of("(handled - escalated) / handled * 100")
    ('handled', 'escalated')
    """
    tree = _read(formula)
    names = [node for node in ast.walk(tree) if isinstance(node, ast.Name)]
    names.sort(key=lambda node: (node.lineno, node.col_offset))
    return tuple(dict.fromkeys(node.id for node in names))


def value_of(formula: str, values: Mapping[str, Decimal | None]) -> Figure[Decimal]:
    """
    Work out a formula.

    Args:
        values: key -> reading of the same period; None or absent where there is none.

    Returns:
        null when a reading is missing or something is divided by 0; says which.

    >>> value_of("(a - b) / a", {"a": Decimal(8), "b": Decimal(2)}).value
    Decimal('0.75')
    >>> value_of("a / b", {"a": Decimal(8), "b": Decimal(0)}).reason
    'b is 0, so nothing can be divided by it.'
    >>> value_of("a + b", {"a": Decimal(8)}).reason
    'There is no reading of b.'
    """
    tree = _read(formula)
    missing = [key for key in keys_of(formula) if values.get(key) is None]
    if missing:
        return Null(phrase("There is no reading of {names}.", names=", ".join(missing)))
    try:
        return Figure(_work_out(tree, values))
    except ZeroDivisionError as error:
        return Null(phrase("{name} is 0, so nothing can be divided by it.", name=str(error)))


def refuse_circles(formulas: Mapping[str, str]) -> None:
    """
    Refuse formulas that come back to themselves.

    Args:
        formulas: key -> formula; "" for a KPI that is read and not worked out.

    >>> refuse_circles({"a": "b + 1", "b": "a * 2"})
    Traceback (most recent call last):
    governance_app.domain.formulas.BadFormula: a is made of itself: a, b, a.
    """
    done: set[str] = set()
    for start in formulas:
        _follow(start, formulas, done, ())


def order_of(formulas: Mapping[str, str]) -> list[str]:
    """
    Give the keys so that each comes after those it is made of.

    >>> order_of({"rate": "a / b", "a": "", "b": "a + 1"})
    ['a', 'b', 'rate']
    """
    refuse_circles(formulas)
    ordered: list[str] = []

    def take(key: str) -> None:
        if key in ordered or key not in formulas:
            return
        for other in keys_of(formulas[key]) if formulas[key] else ():
            take(other)
        ordered.append(key)

    for key in formulas:
        take(key)
    return ordered


def _follow(key: str, formulas: Mapping[str, str], done: set[str], path: Iterable[str]) -> None:
    trail = (*path, key)
    if key in trail[:-1]:
        circle = trail[trail.index(key) :]
        raise BadFormula(f"{key} is made of itself: {', '.join(circle)}.")
    if key in done or not formulas.get(key):
        return
    for other in keys_of(formulas[key]):
        _follow(other, formulas, done, trail)
    done.add(key)


def _read(formula: str) -> ast.expr:
    if not formula.strip():
        raise BadFormula("The formula is empty.")
    if len(formula) > LONGEST:
        raise BadFormula(f"A formula is at most {LONGEST} characters long.")
    try:
        tree = ast.parse(formula.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise BadFormula(f"{formula!r} is no formula: {_plain(error)}") from error
    for node in ast.walk(tree):
        _refuse_strange(node)
    return tree


def _plain(error: BaseException) -> str:
    words = error.msg if isinstance(error, SyntaxError) else str(error)
    return f"{words}." if words else "it cannot be read."


_OPERATORS = (ast.Add, ast.Sub, ast.Mult, ast.Div, ast.UAdd, ast.USub)
_NODES = (ast.BinOp, ast.UnaryOp, ast.Name, ast.Load)


def _refuse_strange(node: ast.AST) -> None:
    if isinstance(node, (*_OPERATORS, *_NODES)):
        return
    if isinstance(node, ast.Constant) and type(node.value) in (int, float):
        return
    raise BadFormula("A formula holds keys of KPIs, numbers, + - * / and brackets, nothing else.")


def _work_out(node: ast.expr, values: Mapping[str, Decimal | None]) -> Decimal:
    if isinstance(node, ast.Constant):
        return _number(node)
    if isinstance(node, ast.Name):
        value = values[node.id]
        assert value is not None
        return value
    if isinstance(node, ast.UnaryOp):
        inner = _work_out(node.operand, values)
        return -inner if isinstance(node.op, ast.USub) else inner
    assert isinstance(node, ast.BinOp)
    left, right = _work_out(node.left, values), _work_out(node.right, values)
    if isinstance(node.op, ast.Add):
        return PRECISE.add(left, right)
    if isinstance(node.op, ast.Sub):
        return PRECISE.subtract(left, right)
    if isinstance(node.op, ast.Mult):
        return PRECISE.multiply(left, right)
    if right == 0:
        raise ZeroDivisionError(ast.unparse(node.right))
    return PRECISE.divide(left, right)


def _number(node: ast.Constant) -> Decimal:
    number = Decimal(repr(node.value))
    if not number.is_finite():
        raise BadFormula("A number in the formula is too large.")
    return number
