"""Check digits: Damm (our complaint numbers), Luhn (cards, Saudi identity numbers) and the remainder of IBANs."""

from functools import cache

from bot.language.digits import western
from bot.language.rows import rows

# The quasigroup of order 10 given in H. Michael Damm, "Total anti-symmetrische Quasigruppen" (Marburg 2004).
_DAMM = (
    "0317598642", "7092154863", "4206871359", "1750983426", "6123045978",
    "3674209581", "5869720134", "8945362017", "9438617205", "2581436790",
)  # fmt: skip


def damm(digits: str) -> str:
    """The Damm check digit of Western digits: it catches every single wrong digit and every swap of neighbours."""
    interim = 0
    for digit in digits:
        interim = int(_DAMM[interim][int(digit)])
    return str(interim)


def luhn_ok(digits: str) -> bool:
    """Whether Western digits pass Luhn's check; a number of under two digits does not."""
    if len(digits) < 2 or not (digits.isascii() and digits.isdigit()):
        return False
    doubled = (sum(divmod(2 * int(digit), 10)) for digit in digits[-2::-2])
    return (sum(map(int, digits[-1::-2])) + sum(doubled)) % 10 == 0


@cache
def _iban_lengths() -> dict[str, int]:
    return {row["country"]: int(row["length"]) for row in rows("iban")}


def iban_ok(text: str) -> bool:
    """Whether the text is an IBAN of a country in tables/iban.tsv: spaces, dashes, case and digit set do not matter."""
    iban = western(text).replace(" ", "").replace("-", "").upper()
    if not (iban.isascii() and iban.isalnum()) or len(iban) != _iban_lengths().get(iban[:2]):
        return False
    return int("".join(str(int(char, 36)) for char in iban[4:] + iban[:4])) % 97 == 1
