"""Language: Vietnamese with and without marks, English, and what is neither."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from ingest.text import fold
from scoring.language import guess

TEXTS = [
    ("Nồi cơm Lúa Mây nấu ngon, giao nhanh", "vi"),
    ("Noi com nay dung duoc 2 tuan thi hong", "vi"),
    ("sp ok nhưng ship lâu wá shop ơi", "vi"),
    ("ko dc ntn nua dau nha", "vi"),
    ("Shop oi sao app crash hoai vay", "vi"),
    ("Máy xay n\u0303o rồi", "vi"),
    ("Giao hàng chậm", "vi"),
    ("hang dep lam", "vi"),
    ("N?i c?m r?t t?t, giao h?ng nhanh", "vi"),
    ("The rice cooker stopped working after two weeks", "en"),
    ("I can’t log in", "en"),
    ("worst app ever", "en"),
    ("Great value, would buy again!", "en"),
    ("@luamay still waiting for my refund #fail https://luamay.example/a", "en"),
    ("naïve question: does the café mode work?", "en"),
    ("Produit conforme, livraison rapide, merci", "other"),
    ("Très déçue, le produit est arrivé cassé", "other"),
    ("Barang bagus sekali, pengiriman cepat, terima kasih", "other"),
    ("barangnya rusak, saya kecewa dan tidak bisa dipakai", "other"),
    ("El producto llegó roto y no funciona", "other"),
    ("Sehr gut, schnelle Lieferung, danke", "other"),
    ("Maganda ang produkto, salamat po", "other"),
    ("很好用，物流很快", "other"),
    ("とても良い商品です", "other"),
    ("สินค้าดีมาก ส่งไว", "other"),
    ("Очень хороший товар", "other"),
    ("배송이 빨라요", "other"),
    ("😡😡😡", "other"),
    ("12345 !!!", "other"),
    ("", "other"),
]


@pytest.mark.parametrize(("text", "language"), TEXTS)
def test_the_language_of_a_short_text_is_told(text: str, language: str) -> None:
    assert guess(text) == language


@pytest.mark.parametrize(
    ("text", "hint", "language"),
    [
        ("😡😡😡", "vi", "vi"),
        ("👍", "en-US", "en"),
        ("👍", "fr", "other"),
        ("ok", "vi-VN", "vi"),
        ("Nồi cơm rất tốt", "en", "vi"),
        ("The lid is broken and nobody answers", "vi", "en"),
        ("Lúa Mây BX500", "vi", "vi"),
        ("", "", "other"),
    ],
)
def test_a_hint_decides_only_where_the_words_do_not(text: str, hint: str, language: str) -> None:
    assert guess(text, hint) == language


@pytest.mark.parametrize(
    ("name", "at_least", "folded"),
    [
        ("en_airline", 0.99, False),
        ("en_gplay", 0.96, False),
        ("vi_aivivn", 0.99, False),
        ("vi_aivivn", 0.985, True),
        ("vi_shopee", 0.985, False),
        ("vi_shopee", 0.98, True),
        ("vi_visfd", 0.99, True),
    ],
)
def test_real_posts_are_told_apart(shared: Path, name: str, at_least: float, folded: bool) -> None:
    with (shared / "labelled" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        texts = [row["text"] for row in list(csv.DictReader(file))[:2_000]]
    told = [guess(fold(text) if folded else text) for text in texts]
    assert told.count(name[:2]) / len(told) >= at_least
