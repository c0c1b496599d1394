"""CVR and EAN numbers with their check digits."""

import pytest

from gecko.errors import Invalid
from gecko.registration_numbers import normalise_cvr, normalise_ean


@pytest.mark.parametrize("text", ["13585628", "DK13585628", "13 58 56 28"])
def test_cvr_is_kept_as_eight_digits(text):
    assert normalise_cvr(text) == "13585628"


@pytest.mark.parametrize("text", ["13585629", "1358562", "abcdefgh", ""])
def test_a_wrong_cvr_is_refused(text):
    with pytest.raises(Invalid) as error:
        normalise_cvr(text)
    assert error.value.field == "cvr"


def test_ean_of_a_public_body():
    assert normalise_ean("5790 0000 00005") == "5790000000005"


@pytest.mark.parametrize("text", ["5790000000006", "73513537", "579000000000", "x"])
def test_a_wrong_or_shorter_ean_is_refused(text):
    with pytest.raises(Invalid):
        normalise_ean(text)
