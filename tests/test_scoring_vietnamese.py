"""The Vietnamese scorer: every rule by hand-written posts, every way of writing them, the bars."""

from __future__ import annotations

import csv
import math
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from scoring import pieces, syllables
from scoring.lexicon import Entry, Role, entries
from scoring.scored import NOTHING
from scoring.syllables import bare, key_of, lost, read, spellings
from scoring.vietnamese import LOGISTIC, THRESHOLD, VietnameseScorer

SCORING = Path(__file__).resolve().parents[1] / "scoring"
SCORER = VietnameseScorer()

GOOD, BAD = True, False
POSTS: list[tuple[str, str, bool]] = [
    ("plain praise", "Nồi cơm nấu rất ngon, cả nhà ai cũng khen", GOOD),
    ("plain praise", "Máy xay đẹp, chạy êm, đáng tiền", GOOD),
    ("plain praise", "Giao hàng nhanh, đóng gói cẩn thận, sẽ ủng hộ shop tiếp", GOOD),
    ("plain praise", "Nhân viên tư vấn nhiệt tình, dễ thương", GOOD),
    ("plain praise", "Chất vải mềm mịn, mặc mát, form chuẩn", GOOD),
    ("plain praise", "Pin trâu, chơi game mượt, màn hình sắc nét", GOOD),
    ("plain praise", "Phòng sạch sẽ, view đẹp, lễ tân thân thiện", GOOD),
    ("plain praise", "Thầy giảng dễ hiểu, vui tính", GOOD),
    ("plain praise", "Kem dưỡng thơm nhẹ, da mềm mịn hẳn ra", GOOD),
    ("plain blame", "Chất lượng quá tệ, thất vọng", BAD),
    ("plain blame", "Hàng kém chất lượng, mua về vứt đi", BAD),
    ("plain blame", "Shop lừa đảo, mọi người tránh xa", BAD),
    ("plain blame", "Đồ ăn dở tệ, phục vụ chậm, không quay lại", BAD),
    ("plain blame", "Vải mỏng dính, đường may xấu, chỉ thừa tùm lum", BAD),
    ("plain blame", "App lag, hay bị văng ra, bực mình ghê", BAD),
    ("plain blame", "Nhân viên thái độ khó chịu, cáu gắt với khách", BAD),
    ("plain blame", "Mùi khét nồng nặc, nhức đầu lắm", BAD),
    ("plain blame", "Thầy giảng khó hiểu, nói nhanh, gây buồn ngủ", BAD),
    ("southern words", "Đồ này xài dở ẹc, mới mua đã hư", BAD),
    ("southern words", "Đồ xài ngon lành, mắc chút mà đáng tiền", GOOD),
    ("northern words", "Ấm hỏng ngay hôm đầu, chán hẳn", BAD),
    ("booster", "Nồi chiên này cực kỳ tệ", BAD),
    ("booster", "Máy ép siêu đẹp", GOOD),
    ("booster after", "Nồi đẹp lắm luôn", GOOD),
    ("booster after", "Bếp xấu kinh khủng", BAD),
    ("diminisher", "Âm thanh cũng tốt", GOOD),
    ("diminisher", "Nắp nồi hơi lỏng lẻo", BAD),
    ("negation", "Nồi không đẹp", BAD),
    ("negation", "Dùng không thích lắm", BAD),
    ("negation", "Máy không hề tệ", GOOD),
    ("negation", "Bình chẳng đẹp chút nào", BAD),
    ("negation", "Chưa bao giờ thất vọng với hãng này", GOOD),
    ("negation", "Không bị lỗi gì hết, dùng tốt", GOOD),
    ("negation", "Chưa ưng ý lắm", BAD),
    ("negation", "Đừng mua nha mọi người", BAD),
    ("negated ability", "Máy về không dùng được", BAD),
    ("negated ability", "Tài khoản không đăng nhập được", BAD),
    ("negated ability", "Đi giày này chịu không nổi", BAD),
    ("praise that looks bad", "Không chê vào đâu được", GOOD),
    ("praise that looks bad", "Nồi này không thể tốt hơn", GOOD),
    ("praise that looks bad", "Ngon bá cháy luôn", GOOD),
    ("praise that looks bad", "Đẹp chết mê", GOOD),
    ("praise that looks bad", "Rẻ vô địch, đỉnh vãi", GOOD),
    ("praise that looks bad", "Đẹp hết chỗ chê", GOOD),
    ("contrast", "Màu đẹp nhưng chất lượng quá kém", BAD),
    ("contrast", "Giao hơi chậm nhưng máy rất đẹp, dùng rất thích", GOOD),
    ("contrast", "Được cái rẻ, mỗi tội nhanh hỏng", BAD),
    ("contrast", "Hộp bị móp, bù lại máy chạy rất tốt, rất ưng", GOOD),
    ("expectation", "Tưởng hàng xịn hóa ra hàng dỏm", BAD),
    ("expectation", "Không như quảng cáo", BAD),
    ("expectation", "Không đẹp như hình", BAD),
    ("expectation", "Tiền nào của nấy", BAD),
    ("expectation", "Đẹp hơn mong đợi", GOOD),
    ("expectation", "Hàng đúng như mô tả", GOOD),
    ("irony", "Cảm ơn shop đã cho mình bài học nhớ đời", BAD),
    ("irony", "Đỉnh cao của sự lừa đảo", BAD),
    ("irony", "Bán hàng kiểu này hay ghê ha", BAD),
    ("complaint without feeling", "Đặt hai cái mà giao thiếu một cái", BAD),
    ("complaint without feeling", "Shop giao sai màu rồi", BAD),
    ("complaint without feeling", "Nhắn tin không trả lời", BAD),
    ("complaint without feeling", "Hàng đã qua sử dụng", BAD),
    ("complaint without feeling", "Nắp bị rách, hộp móp méo", BAD),
    ("complaint without feeling", "Đế bị hở keo", BAD),
    ("complaint without feeling", "Tủ lạnh bị chảy nước", BAD),
    ("complaint without feeling", "Cắm điện mà không lên nguồn", BAD),
    ("complaint without feeling", "Máy nóng, hao pin", BAD),
    ("complaint without feeling", "Mình muốn trả hàng, đòi hoàn tiền", BAD),
    ("complaint without feeling", "Gọi tổng đài không ai nghe máy", BAD),
    ("complaint without feeling", "Tự ý hủy đơn của khách", BAD),
    ("waiting", "Đợi 3 tuần mới nhận được", BAD),
    ("waiting", "5 ngày rồi vẫn chưa nhận được hàng", BAD),
    ("waiting", "Chờ mãi không thấy giao", BAD),
    ("price", "Giá cao quá, không xứng", BAD),
    ("price", "Giá rẻ mà chất lượng", GOOD),
    ("stars in words", "Cho 5 sao", GOOD),
    ("stars in words", "1 sao cho dịch vụ", BAD),
    ("wish", "Mong shop đóng gói kỹ hơn, hộp bị bẹp", BAD),
    ("emoji", "Nồi về rồi 😍😍", GOOD),
    ("emoji", "Hàng về như này đây 😡", BAD),
    ("kaomoji", "Nồi về rồi ^^", GOOD),
    ("kaomoji", "Đợi hoài luôn T_T", BAD),
    ("teencode", "Sp ko đc như hình, tvọng wá", BAD),
    ("teencode", "Sp đẹp lém, mik thix lun", GOOD),
    ("teencode", "Shop ko rep tin nhắn, giao hàng lâu qá", BAD),
    ("teencode", "Hàng ok, dthương xĩu, iu shop", GOOD),
    ("tone in another place", "Hàng gỉa, qúa tệ", BAD),
    ("harm", "Ăn xong bị ngộ độc phải đi viện", BAD),
    ("harm", "Cắm vào là nổ, bị điện giật, nguy hiểm quá", BAD),
    ("rude staff", "Thái độ phục vụ lồi lõm, coi thường khách", BAD),
    ("account", "Bị khóa tài khoản, mất tiền mà không ai giải quyết", BAD),
    ("advertising", "Game toàn quảng cáo, chơi chán", BAD),
    ("school", "Cần thêm bài tập, giảng chưa rõ", BAD),
    ("food", "Bánh giòn rụm, thơm ngon, ăn là ghiền", GOOD),
    ("food", "Bánh bị mốc, có mùi hôi", BAD),
    ("cosmetics", "Dùng xong nổi mẩn đỏ, ngứa rát", BAD),
    ("cosmetics", "Không kích ứng, dịu nhẹ, hợp da", GOOD),
    ("English in between", "Sản phẩm good, perfect", GOOD),
    ("negation over words", "Nắp không có dấu hiệu bị nứt", GOOD),
    ("negation over words", "Chưa thấy phát sinh lỗi nào", GOOD),
    ("negation over words", "Máy không hề gây tiếng ồn", GOOD),
    ("negation over words", "Không gặp bất kỳ sự cố nào, dùng ổn", GOOD),
    ("negation of a list", "Hộp không bị móp méo, trầy xước hay rách", GOOD),
    ("negation of a list", "Không ồn và không rung, nấu ngon", GOOD),
    ("worst of all", "Chưa thấy máy nào tệ như máy này", BAD),
    ("worst of all", "Không có cái nào dở hơn", BAD),
    ("absence", "Quạt ít ồn, mát đều", GOOD),
    ("absence", "Máy hút khử mùi hôi nhanh", GOOD),
    ("absence", "Chảo chống dính tốt, đỡ bị khét", GOOD),
    ("absence", "Lọc xong nước hết mùi tanh, uống ngon", GOOD),
    ("elsewhere", "Trước đây máy cũ hay hỏng, giờ máy này chạy êm", GOOD),
    ("elsewhere", "Shop khác bán hàng lởm, còn bên này hàng chuẩn", GOOD),
    ("elsewhere", "Lần trước mua rất ưng, lần này giao hàng vỡ nát", BAD),
    ("said by others", "Nhiều người chê ồn mà mình dùng thấy êm", GOOD),
    ("said by others", "Ai cũng nói tốt, mình mua về thất vọng", BAD),
    ("demand", "Cần bổ sung thêm hướng dẫn", BAD),
    ("demand", "Shop cần xem lại cách đóng gói", BAD),
    ("contrast", "Nồi xinh, tuy nhiên dây điện quá ngắn, nắp lỏng lẻo", BAD),
    ("contrast", "Nồi hơi nhỏ, được cái nấu rất ngon, rất tiện", GOOD),
    ("diminisher", "Giao hơi lâu nhưng nồi rất đẹp, rất ưng", GOOD),
    ("diminisher", "Nồi hơi ọp ẹp", BAD),
    ("expectation", "Ngon hơn mình tưởng", GOOD),
    ("expectation", "Cứ tưởng bền, ai ngờ ba hôm đã hỏng", BAD),
    ("expectation", "Đúng như mong đợi", GOOD),
    ("irony", "Giao hàng nhanh như rùa bò", BAD),
    ("irony", "Hay quá ha, đặt một đằng giao một nẻo", BAD),
    ("waiting", "Chờ cả tháng mà chưa thấy hàng đâu", BAD),
    ("waiting", "Hẹn hoài không giao, đợi dài cổ", BAD),
    ("price", "Giá quá mắc so với chất lượng", BAD),
    ("price", "Tiền ít mà được hàng xịn, quá hời", GOOD),
    ("emoji", "Nắp vậy nè 🤬", BAD),
    ("emoji", "Cả nhà mê luôn 🥰🥰", GOOD),
    ("kaomoji", "Vỡ mất rồi :((", BAD),
    ("kaomoji", "Xinh xỉu <3", GOOD),
    ("teencode", "Sp dởm, ko nên mua nha mn", BAD),
    ("teencode", "Hàg đẹp, gh nhanh, sốp nhiệt tìn", GOOD),
    ("teencode", "Đt xài ko dc, gọi shop ko bắt máy", BAD),
]
TEXTS = [text for _, text, _ in POSTS]


def stripped(text: str) -> str:
    apart = unicodedata.normalize("NFD", text.replace("đ", "d").replace("Đ", "D"))
    return "".join(char for char in apart if not unicodedata.combining(char))


def stretched(text: str) -> str:
    """Return the text with the last letter of each of its words three times more."""
    return " ".join(word + word[-1] * 3 if word.isalpha() else word for word in text.split())


WAYS: dict[str, Callable[[str], str]] = {
    "as written": str,
    "without marks": stripped,
    "upper case": str.upper,
    "stretched": stretched,
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(("rule", "text", "is_good"), POSTS)
def test_each_rule_finds_the_side_of_its_post(
    rule: str, text: str, is_good: bool, way: str
) -> None:
    assert (SCORER.score(WAYS[way](text)).raw > THRESHOLD) is is_good, rule


def test_upper_case_and_stretched_letters_change_no_score() -> None:
    for text in TEXTS:
        assert SCORER.score(text.upper()).raw == SCORER.score(text).raw
        assert SCORER.score(stretched(text)).raw == SCORER.score(text).raw


@pytest.mark.parametrize("way", WAYS)
def test_reasons_are_the_words_of_the_text_at_their_place(way: str) -> None:
    for text in map(WAYS[way], TEXTS):
        scored = SCORER.score(text)
        assert scored.reasons
        for reason in scored.reasons:
            assert text[reason.start : reason.end] == reason.words


def test_reasons_take_in_the_negation_and_the_booster() -> None:
    assert [each.words for each in SCORER.score("Nồi không đẹp").reasons] == ["không đẹp"]
    assert [each.words for each in SCORER.score("Nồi rất đẹp").reasons] == ["rất đẹp"]
    assert [each.words for each in SCORER.score("Nồi xấu kinh khủng").reasons] == ["xấu kinh khủng"]


def test_positive_and_negative_are_the_sums_of_the_reasons() -> None:
    scored = SCORER.score("Màu đẹp nhưng hộp bị móp, giao chậm")
    assert scored.positive > 0
    assert scored.negative > 0
    weights = [each.weight for each in scored.reasons]
    assert math.isclose(sum(w for w in weights if w > 0), scored.positive, abs_tol=0.05)
    assert math.isclose(-sum(w for w in weights if w < 0), scored.negative, abs_tol=0.05)


@pytest.mark.parametrize(
    "text",
    ["Nồi cơm 1,8 lít", "Mình mới nhận hôm qua", "Giải thích giúp cách chuẩn bị phụ kiện", "123"],
)
def test_a_text_without_evidence_is_not_negative(text: str) -> None:
    scored = SCORER.score(text)
    assert scored.raw > THRESHOLD
    assert scored.negative == 0


def test_an_empty_text_says_nothing() -> None:
    assert SCORER.score("") == NOTHING
    assert SCORER.score(" \t ") == NOTHING


@pytest.mark.parametrize(
    ("weaker", "stronger"),
    [
        ("Nồi đẹp", "Nồi rất đẹp"),
        ("Nồi cũng đẹp", "Nồi đẹp"),
        ("Nồi đẹp", "Nồi đẹp lắm"),
        ("Nồi xấu", "Nồi đẹp"),
        ("Nồi đẹp nhưng mau hỏng", "Mau hỏng nhưng nồi đẹp"),
        ("Mong nồi đẹp", "Nồi đẹp"),
        ("Nồi đẹp không ạ?", "Nồi đẹp ạ"),
        ("Nồi không đẹp", "Nồi không đẹp lắm"),
        ("Tệ tệ", "Tệ"),
        ("Nồi đẹp :((", "Nồi đẹp"),
    ],
)
def test_rules_order_posts(weaker: str, stronger: str) -> None:
    assert SCORER.score(weaker).raw < SCORER.score(stronger).raw


def test_a_question_is_not_read_as_a_denial() -> None:
    assert SCORER.score("Hàng có bền đẹp không ạ").negative == 0
    assert SCORER.score("Máy bền đẹp ko shop?").negative == 0
    assert SCORER.score("Máy không bền đẹp").negative > 0


@pytest.mark.parametrize(
    "text",
    [
        "Máy có bị nóng không shop",
        "Nồi có hay hỏng không mọi người",
        "May nay co on khong ad",
        "Dùng lâu có bị rò nước ko ạ?",
    ],
)
def test_a_question_about_a_fault_weighs_little(text: str) -> None:
    assert SCORER.score(text).negative < 1.2


def test_what_is_said_elsewhere_weighs_little_until_the_talk_comes_back() -> None:
    told = {each.words: each.weight for each in SCORER.score("Máy cũ dở, giờ hỏng").reasons}
    assert told["dở"] > -1 > told["hỏng"]


def test_question_marks_on_the_wrong_side_are_no_lost_letters() -> None:
    reading = read("Nồi đẹp ?mà sao giao chậm ?không ai gọi")
    assert not reading.is_lossy
    assert SCORER.score("Nồi dở ?mà sao giao chậm ?chán").raw < THRESHOLD


def test_an_address_is_no_sad_face() -> None:
    assert SCORER.score("Xem ở https://luamay.example nha").negative == 0


def test_a_repeated_word_counts_less_each_time() -> None:
    once, twice = SCORER.score("tuyệt vời").positive, SCORER.score("tuyệt vời, tuyệt vời").positive
    assert once < twice < 2 * once


def test_a_k_after_a_number_is_a_price() -> None:
    assert SCORER.score("Nồi 50k đẹp").negative == 0
    assert SCORER.score("Nồi 50 k đẹp").negative == 0
    assert SCORER.score("Nồi 50 k đẹp").reasons[0].start == 9
    assert SCORER.score("Nồi k đẹp").negative > 0


def test_unmarked_words_are_read_folded_only_where_marks_are_rare() -> None:
    assert SCORER.score("hang te qua").raw < THRESHOLD
    marked = SCORER.score("Mình mua nồi te này về để nấu cháo cho bé ở nhà")
    assert marked.negative == 0


def test_lost_letters_still_rank() -> None:
    good = SCORER.score("R?t ??p, ch?t l??ng t?t, giao h?ng nhanh")
    worse = SCORER.score("Qu? t?, th?t v?ng, h?ng k?m ch?t l??ng")
    assert good.raw > THRESHOLD > worse.raw


def test_plain_question_marks_are_no_lost_letters() -> None:
    assert not read("Bao nhiêu? Ship không? Có đẹp không??").is_lossy
    assert read("??ng g?i ??p").is_lossy
    assert read("??p").is_lossy


@pytest.mark.parametrize(
    ("written", "same_as"),
    [
        ("ĐẸPPPP", "đẹp"),
        ("quáááá", "quá"),
        ("hòa", "hoà"),
        ("thuý", "thúy"),
        ("lựơng", "lượng"),
        ("gía", "giá"),
        ("lưu", "lưuuu"),
        ("hahaha", "kkkkk"),
    ],
)
def test_ways_to_write_a_syllable_share_a_form(written: str, same_as: str) -> None:
    assert key_of(written) == key_of(same_as)


def test_different_syllables_keep_their_forms() -> None:
    assert (
        len(
            {
                key_of(word)
                for word in [
                    "ma",
                    "má",
                    "mà",
                    "mả",
                    "mã",
                    "mạ",
                    "mâ",
                    "mă",
                    "cứ",
                    "cứu",
                    "hư",
                    "hưu",
                ]
            }
        )
        == 12
    )
    assert bare(key_of("ĐƯỜNG")) == "duong"
    assert bare("12") == "12"
    assert lost("đẹp") == "?p"


def test_teencode_of_two_syllables_has_one_place() -> None:
    reading = read("sp tốt")
    assert reading.folded == ["san", "pham", "tot"]
    places = reading.places()
    assert [places.start(at) for at in (0, 1, 2, 0)] == [0, 0, 3, 0]
    assert [places.end(at) for at in (2, 1, 0, 2)] == [6, 2, 2, 6]


def lines() -> Iterator[Entry]:
    yield from entries(SCORING / "vietnamese.tsv")


def test_the_lexicon_holds_each_entry_once_in_halves() -> None:
    seen = Counter(
        entry.words if entry.role is Role.SYMBOL else " ".join(map(key_of, entry.words.split()))
        for entry in lines()
    )
    assert [words for words, count in seen.items() if count > 1] == []
    for entry in lines():
        weights = [entry.weight, entry.negated, entry.unmarked or 0.0]
        if entry.role in (Role.BOOSTER, Role.LIFTER):
            assert 0 < entry.weight < 2, entry
        else:
            assert all(abs(weight) <= 4 for weight in weights), entry
            assert (2 * entry.weight).is_integer(), entry
        assert len(entry.words.split()) <= 7, entry
        assert unicodedata.is_normalized("NFC", entry.words), entry


def test_without_marks_no_entry_changes_its_side() -> None:
    for entry in lines():
        assert (entry.unmarked or 0.0) * entry.weight >= 0, entry


def test_a_wrong_line_of_the_lexicon_is_named(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.tsv"
    wrong.write_text("đẹp\tfeeling\t2\nxấu\tfeelin\t-2\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"wrong\.tsv, line 2"):
        entries(wrong)
    wrong.write_text("đẹp\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"line 1"):
        entries(wrong)


def test_no_teencode_stands_for_itself() -> None:
    for seen, meant in spellings(SCORING / "vietnamese_spelling.tsv").items():
        assert (seen,) != tuple(map(key_of, meant))


def test_the_logistic_falls_with_the_score_and_halves_near_the_threshold() -> None:
    slope, intercept = LOGISTIC
    assert slope < 0
    assert 0.35 < 1 / (1 + math.exp(-(slope * THRESHOLD + intercept))) < 0.65


def f1(rows: list[dict[str, str]], flag: str, way: Callable[[str], str]) -> float:
    hits = [SCORER.score(way(row["text"])).raw <= THRESHOLD for row in rows]
    truth = [row["label"] == flag for row in rows]
    both = sum(a and b for a, b in zip(hits, truth, strict=True))
    return 2 * both / (sum(hits) + sum(truth))


@pytest.mark.parametrize(
    ("name", "flag", "bar"),
    [("vi_aivivn", "negative", 0.84), ("vi_viocd", "complaint", 0.82)],
)
def test_the_shared_half_is_flagged_at_the_bar_also_without_marks(
    shared: Path, name: str, flag: str, bar: float
) -> None:
    path = shared / "labelled" / f"{name}.csv"
    if not path.exists():
        pytest.skip("the labelled sets are not there")
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))[::2]
    clean, without = f1(rows, flag, str), f1(rows, flag, stripped)
    assert clean >= bar
    assert without >= clean - 0.02


def test_no_labelled_text_is_among_our_posts(shared: Path) -> None:
    ours = {bare(text.casefold()) for text in TEXTS if len(text.split()) > 4}
    for path in sorted((shared / "labelled").glob("vi_*.csv")):
        with path.open(encoding="utf-8", newline="") as file:
            theirs = {bare(row["text"].casefold()) for row in csv.DictReader(file)}
        assert ours & theirs == set(), path.name


def test_what_is_kept_of_earlier_texts_is_bounded_and_changes_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    small = VietnameseScorer()
    for memo in (pieces.PIECES, syllables._FORMS):
        memo.clear()
        monkeypatch.setattr(memo, "room", 2)
    for text in [*TEXTS, "Đẹp 😍", "Chán 😡", "Ưng ^^", *TEXTS]:
        assert small.score(text) == SCORER.score(text)
        assert len(pieces.PIECES.known) <= 2


def test_a_long_piece_is_not_kept() -> None:
    noise = "đẹp" + "x" * 100
    assert SCORER.score(noise) == SCORER.score(noise)
    assert noise not in pieces.PIECES.known


def test_a_mark_without_its_letter_is_passed_over() -> None:
    assert key_of("\u0302ma") == "ma"
