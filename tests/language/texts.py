"""Generators of texts: what shoppers type, and what they would never."""

from hypothesis import strategies as st

# Emoji of one and of several characters: skin tones, families, flags of both kinds, keycaps, a stray joiner and selector.
PICTURES = (
    "😀",
    "❤️",
    "❤",
    "👍🏽",
    "👨‍👩‍👧",
    "🧑‍🦰",
    "🏳️‍🌈",
    "🇸🇦",
    "🇪🇬",
    "🇸",
    "🏴󠁧󠁢󠁥󠁮󠁧󠁿",
    "1️⃣",
    "#⃣",
    "*️⃣",
    "ℹ️",
    "⤵️",
    "🫷🏽",
    "🫷",
    "‍",
    "️",
    "🏽",
    "⃣",
    "©",
    "©️",
)
WORDS = (
    "طلبي",
    "ما",
    "وصل",
    "والله",
    "مُتَأَخِّر",
    "رهيييب",
    "ﻻ",
    "ﷺ",
    "گال",
    "order",
    "SH",
    "iPhone",
    "café",
    "e\u0301",
    "𝒜",
    "أهــلاً",
)
NUMBERS = ("12345", "١٢٣", "۴۵۶", "405-1234567-1234567", "٣٫٥", "1,250.50", "½", "²", "①", "१२", "0551234567", "٢", "5")
MARKS = (
    "؟",
    "!",
    "،",
    "؛",
    ".",
    ":",
    "-",
    "–",
    "_",
    "/",
    "(",
    ")",
    "«",
    "»",
    "%",
    "٪",
    "$",
    "﷼",
    "+",
    "@",
    "#",
    "*",
    "'",
    "…",
)
CONTROLS = (
    "\u200f",
    "\u200e",
    "\u202e",
    "\u200b",
    "\u200c",
    "\u00ad",
    "\x00",
    "\x07",
    "\u0085",
    "\ufeff",
    "\ufffe",
    "\u061c",
)
SPACES = (" ", "  ", "\n", "\t", "\r\n", "\u00a0", "\u2028", "\u3000")

PHRASES = (
    "قبل اسبوعين", "من ٣ ايام", "الخميس اللي فات", "آخر الشهر الماضي", "١٢ رمضان ١٤٤٧", "3/11/2026", "امبارح",
    "يوم 5 شهر 10", "ثلاثمية وخمسين ريال", "350 ر.س", "$20", "خمسة عشر", "نص مليون", "رقم الطلب", "طلب #4567", "AB12345",
    "SH-48210-77301-9151", "+966 55 123 4567", "جوالي٠٥٥١٢٣٤٥٦٧", "a.b@mail.com", "ابغى فلوسي", "رجعوا لي المبلغ",
    "ما ابغى تعويض", "بديل", "و", "ب", "ال",
)  # fmt: skip

any_text = st.text(st.characters(codec=None, exclude_categories=()), max_size=40)
_pieces = st.sampled_from(PICTURES + WORDS + NUMBERS + MARKS + CONTROLS + SPACES)
arabic_text = st.lists(_pieces, max_size=30).map("".join)
shoppers_text = st.lists(st.sampled_from(PHRASES + WORDS + NUMBERS + MARKS + SPACES + PICTURES), max_size=15).map("".join)
