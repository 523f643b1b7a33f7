"""Values as a shopper reads them."""

from bot.bootstrap import load_words
from bot.language.rows import rows


def test_an_amount_is_shown_with_its_currency_in_words() -> None:
    words = load_words()
    assert words.shown("amount", "8500 EGP") == "8500 جنيه مصري"
    assert words.shown("amount", "120 XYZ") == "120 XYZ"


def test_every_currency_that_is_read_has_a_name() -> None:
    read = {code for row in rows("currencies") for code in row["value"].split() if code.isalpha() and code.isupper()}
    assert read <= set(load_words().currencies)
