"""A model learned from stars: words and word pairs, hashed, weighed, and the word list's opinion.

Prediction needs nothing but the standard library. A model keeps no word of any review:
only a table of small weights by hash. `scoring/training.py` makes models.
"""

from __future__ import annotations

import hashlib
import json
import math
import re
import zlib
from array import array
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from operator import xor
from pathlib import Path

from ingest.errors import ConfigError
from scoring.judge import Chance
from scoring.memo import Memo
from scoring.scored import Scored
from scoring.syllables import bare, key_of, spellings

__all__ = ["BUCKETS", "LearnedModel", "buckets", "load", "save", "sides"]

BUCKETS = 1 << 18
"""How many hashes are told apart."""

_MAGIC = b"EARFUL-MODEL\x02"
_DIGEST = 16
_SIZE = 4  # bytes that say how long the header is
_MOST_BYTES = 64 << 20
_TOKEN = re.compile(r"\w+(?:[?'’]+\w+)*|[^\w\s]")
_STRETCHED = re.compile(r"([^\W\d_])\1{2,}")
_NUMBER = "0"
_ROOM = 50_000  # words whose codes are remembered, and as many of before
_MEANT = spellings(Path(__file__).parent / "vietnamese_spelling.tsv")
_HEADER = ("language", "scale", "bias", "praise", "blame", "threshold", "learned_from")
_SQUARES = [*(b * b for b in range(128)), *(-b * b for b in range(-128, 0))]  # [-1] is b = -1
_NEUTRAL_SHARE = 0.8  # positive begins at this share of the threshold


# What one word gives: its place in the table, and its halves of the places of pairs, which XOR
# joins; for Vietnamese the same three again without marks.
_Code = tuple[int, ...]


def _code(word: str) -> _Code:
    digest = hashlib.blake2b(word.encode("utf-8", "surrogatepass"), digest_size=12).digest()
    return tuple(int.from_bytes(digest[at : at + 4]) % BUCKETS for at in (0, 4, 8))


def _english(token: str) -> tuple[_Code, ...]:
    return (_code(_NUMBER if token.isdigit() else _STRETCHED.sub(r"\1", token)),)


def _vietnamese(token: str) -> tuple[_Code, ...]:
    """Return the codes of the word in its normal form; of two for some chat spellings."""
    if token.isalpha():
        key = key_of(token)
        words = [key_of(word) for word in _MEANT.get(key, (key,))]
    else:
        words = [_NUMBER if token.isdigit() else token]
    return tuple([_code(word) + _code("~" + bare(word)) for word in words])


_CODES: Mapping[str, Memo[tuple[_Code, ...]]] = {
    "vi": Memo(_vietnamese, room=_ROOM),
    "en": Memo(_english, room=_ROOM),
}


def buckets(text: str, language: str) -> list[int]:
    """Return the places in the table of the words and word pairs of `text`, as often as they stand.

    Vietnamese words and pairs have a second place without their marks.
    """
    codes = _CODES[language]
    tokens = _TOKEN.findall(text.lower().replace("\ufffd", "?"))
    columns = list(zip(*[code for token in tokens for code in codes[token]], strict=True))
    found: list[int] = []
    for at in range(0, len(columns), 3):
        words, lefts, rights = columns[at : at + 3]
        found += words
        found += map(xor, lefts, rights[1:])
    return found


def sides(scored: Scored, language: str) -> tuple[float, float]:
    """Return how strongly the word list praises and blames, both >= 0, on a log scale.

    In English each side by itself; in Vietnamese what its rules of contrast leave, which is
    on one side: docs/learning.md says why.
    """
    if language == "en":
        return math.log1p(scored.positive), math.log1p(scored.negative)
    return math.log1p(max(scored.raw, 0.0)), math.log1p(max(-scored.raw, 0.0))


@dataclass(frozen=True, slots=True, kw_only=True)
class LearnedModel:
    """What stars taught about one language ("vi" or "en").

    p_negative = 1 / (1 + exp(-z)), z = bias + scale * mean weight - praise * up + blame * down,
    where `up` and `down` are the word list's `sides`, the mean weight is the sum over the
    text's buckets by the root of their number, and a signed byte b weighs b * |b|: small
    weights need the finer steps.
    `threshold` is the p_negative from which a text is called negative. `learned_from`
    counts the reviews by what they taught.
    """

    language: str
    weights: array[int] = field(repr=False)  # BUCKETS signed bytes
    scale: float
    bias: float
    praise: float
    blame: float
    threshold: float
    learned_from: Mapping[str, int]
    name: str = ""
    _squares: list[int] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_squares", [_SQUARES[byte] for byte in self.weights])
        if not self.name:
            digest = hashlib.blake2b(_header(self) + self.weights.tobytes(), digest_size=4)
            object.__setattr__(self, "name", f"{self.language}-stars-{digest.hexdigest()}")

    def p_negative(self, text: str, scored: Scored) -> float:
        """Return the chance that `text` is negative; `scored` is what the word list says of it."""
        found = buckets(text, self.language)
        total = sum(map(self._squares.__getitem__, found))
        up, down = sides(scored, self.language)
        z = self.bias - self.praise * up + self.blame * down
        if total:
            z += self.scale * total / math.sqrt(len(found))
        return 1 / (1 + math.exp(min(50.0, max(-50.0, -z))))

    def chance(self, text: str, scored: Scored) -> Chance:
        """Return the chance with where negative begins and positive ends."""
        return self.as_chance(self.p_negative(text, scored))

    def as_chance(self, p_negative: float) -> Chance:
        """Return `p_negative` with the ends of neutral on its scale."""
        return Chance(p_negative, self.threshold, _NEUTRAL_SHARE * self.threshold)


def save(models: Iterable[LearnedModel]) -> bytes:
    """Return `models` as the bytes of one file; the same models give the same bytes."""
    packed = [_packed(each) for each in models]
    return b"".join((_MAGIC, _digest(packed), *packed))


def load(body: bytes, *, subject: str = "model") -> dict[str, LearnedModel]:
    """Return the models in `body` by language; `subject` names the file in errors.

    Raises ConfigError for bytes that are no model, of another version, or damaged.
    """
    start = len(_MAGIC) + _DIGEST
    if body[: len(_MAGIC) - 1] != _MAGIC[:-1]:
        raise _refused("not a model of Earful", subject)
    if body[: len(_MAGIC)] != _MAGIC:
        raise _refused("a model of another version of Earful", subject)
    if _digest([body[start:]]) != body[len(_MAGIC) : start]:
        raise _refused("the model is damaged", subject)
    models = {}
    while start < len(body):
        model, start = _unpacked(body, start, subject)
        models[model.language] = model
    return models


def _header(model: LearnedModel, **more: int) -> bytes:
    told = {name: getattr(model, name) for name in _HEADER}
    return json.dumps({**told, **more}, sort_keys=True).encode()


def _packed(model: LearnedModel) -> bytes:
    weights = zlib.compress(model.weights.tobytes(), 9)
    header = _header(model, size=len(weights))
    return len(header).to_bytes(_SIZE) + header + weights


def _unpacked(body: bytes, start: int, subject: str) -> tuple[LearnedModel, int]:
    """Return the model that begins at `start`, and where the next one does."""
    try:
        middle = start + _SIZE + int.from_bytes(body[start : start + _SIZE])
        header = json.loads(body[start + _SIZE : middle])
        end = middle + header.pop("size")
        weights = zlib.decompressobj().decompress(body[middle:end], _MOST_BYTES)
        if len(weights) != BUCKETS or header["language"] not in _CODES:
            raise _refused("a model of another version of Earful", subject)
        return LearnedModel(weights=array("b", weights), **header), end
    except (ValueError, TypeError, KeyError, zlib.error) as e:
        raise _refused("a model of another version of Earful", subject) from e


def _digest(parts: Iterable[bytes]) -> bytes:
    digest = hashlib.blake2b(digest_size=_DIGEST)
    for part in parts:
        digest.update(part)
    return digest.digest()


def _refused(what: str, subject: str) -> ConfigError:
    return ConfigError(what, subject=subject, next_step="make one with `earful train --out FILE`")
