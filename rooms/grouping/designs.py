"""Rounds in which nobody meets twice, constructed rather than searched for, where algebra knows them.

Three constructions, for g groups of s people, or of s and s-1:

- *Slopes.* Give everybody a column x of s and a row y of g, both elements of a ring with g elements. In round m, the
  groups are the lines y = m·x + b. Two people of different columns share a line in at most one round, since m is then
  (y-y')/(x-x'); people of one column never meet. That needs all differences of columns, and of rounds, to be
  invertible. In a product of finite fields that allows as many columns and rounds as the smallest field has elements
  (a resolvable transversal design; Colbourn and Dinitz, Handbook of Combinatorial Designs, III.3). People missing from
  the last column make groups of s-1.
- *Columns.* Where s divides g, each column meets within itself afterwards: the same problem again, smaller.
- *Pairs.* s = 2 is a tournament: the circle method gives every pair at most once.
"""

from collections.abc import Sequence
from dataclasses import dataclass

Rounds = list[list[int]]
"""Group of each point, round by round."""


def repeat_free(people: int, groups: int) -> Rounds:
    """As many rounds as the constructions give, sizes differing by at most one; none if they give nothing."""
    size = -(-people // groups)
    if groups < 2 or size < 2:
        return []
    if size == 2:
        return _tournament(people, groups)
    ring = _Ring(groups)
    if size > ring.columns:
        return []
    rounds = []
    for slope in range(ring.columns):
        steps = [ring.multiply(slope, column) for column in range(size)]
        group_of = []
        for point in range(people):
            row, column = _row_and_column(point, people, groups)
            group_of.append(ring.subtract(row, steps[column]))
        rounds.append(group_of)
    return rounds + _within_columns(people, groups, size)


def _row_and_column(point: int, people: int, groups: int) -> tuple[int, int]:
    # Column by column, so that whoever is missing from groups·size is missing from the last column.
    column, row = divmod(point, groups)
    return row, column


def _within_columns(people: int, groups: int, size: int) -> Rounds:
    if groups % size or people != groups * size:
        return []
    per_column = groups // size
    inner = repeat_free(groups, per_column) if per_column > 1 else [[0] * groups]
    return [
        [column * per_column + round_of[row] for column in range(size) for row in range(groups)] for round_of in inner
    ]


def _tournament(people: int, groups: int) -> Rounds:
    """Pairs by the circle method; who draws an empty seat is alone.

    Turns in which two empty seats meet are left out.
    """
    seats = 2 * groups
    rounds = []
    for turn in range(seats - 1):
        group_of = [0] * seats
        for pair in range(groups):
            first = seats - 1 if pair == 0 else (turn + pair) % (seats - 1)
            second = (turn - pair) % (seats - 1)
            group_of[first] = group_of[second] = pair
        if len(set(group_of[:people])) == groups:
            rounds.append(group_of[:people])
    return rounds


class _Ring:
    """A product of finite fields with `order` elements, numbered from 0 by mixed radix.

    `columns` elements 0, 1, … (the same number in every field) differ pairwise by invertible elements; `multiply`
    takes two of those, `subtract` an element and a product.
    """

    def __init__(self, order: int) -> None:
        self.fields = [_Field(prime, power) for prime, power in _factorised(order)]
        self.columns = min(field.order for field in self.fields)

    def multiply(self, first: int, second: int) -> tuple[int, ...]:
        return tuple(field.multiply(first, second) for field in self.fields)

    def subtract(self, element: int, parts: Sequence[int]) -> int:
        result, unit = 0, 1
        for field, part in zip(self.fields, parts, strict=True):
            element, digit = divmod(element, field.order)
            result += unit * field.subtract(digit, part)
            unit *= field.order
        return result


@dataclass(slots=True)
class _Field:
    """GF(p^k): an element is a polynomial over GF(p), its coefficients the digits of a number in base p."""

    prime: int
    power: int

    @property
    def order(self) -> int:
        return int(self.prime**self.power)

    def _digits(self, element: int) -> list[int]:
        digits = []
        for _ in range(self.power):
            element, digit = divmod(element, self.prime)
            digits.append(digit)
        return digits

    def _number(self, digits: Sequence[int]) -> int:
        number = 0
        for digit in reversed(digits):
            number = number * self.prime + digit
        return number

    def subtract(self, first: int, second: int) -> int:
        pairs = zip(self._digits(first), self._digits(second), strict=True)
        return self._number([(one - other) % self.prime for one, other in pairs])

    def multiply(self, first: int, second: int) -> int:
        product = [0] * (2 * self.power - 1)
        for place, one in enumerate(self._digits(first)):
            for other_place, other in enumerate(self._digits(second)):
                product[place + other_place] += one * other
        modulus = _irreducible(self.prime, self.power)
        return self._number(_remainder(product, modulus, self.prime)[: self.power])


_known_irreducible: dict[tuple[int, int], list[int]] = {}


def _irreducible(prime: int, power: int) -> list[int]:
    """The first monic polynomial of this degree that no smaller one divides; lowest coefficient first."""
    if (prime, power) not in _known_irreducible:
        divisors = [
            _monic(number, prime, degree) for degree in range(1, power // 2 + 1) for number in range(prime**degree)
        ]
        _known_irreducible[prime, power] = next(
            candidate
            for candidate in (_monic(number, prime, power) for number in range(prime**power))
            if all(any(_remainder(candidate, divisor, prime)) for divisor in divisors)
        )
    return _known_irreducible[prime, power]


def _monic(number: int, prime: int, degree: int) -> list[int]:
    return [number // prime**place % prime for place in range(degree)] + [1]


def _remainder(dividend: Sequence[int], divisor: Sequence[int], prime: int) -> list[int]:
    """Of a division by a monic polynomial; padded to the dividend's length."""
    rest = [coefficient % prime for coefficient in dividend]
    degree = len(divisor) - 1
    for top in range(len(rest) - 1, degree - 1, -1):
        factor = rest[top]
        for place in range(degree + 1):
            rest[top - degree + place] = (rest[top - degree + place] - factor * divisor[place]) % prime
    return rest


def _factorised(number: int) -> list[tuple[int, int]]:
    factors, prime = [], 2
    while number > 1:
        power = 0
        while number % prime == 0:
            number //= prime
            power += 1
        if power:
            factors.append((prime, power))
        prime += 1
    return factors
