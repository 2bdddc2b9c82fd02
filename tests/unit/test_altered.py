"""Whatever the bytes, a photo's file is answered with pixels or a sentence, soon, and within a gigabyte."""

import pytest

from tests.altered import trial
from tests.kinds import KINDS


@pytest.mark.parametrize("family", ["JPEG", "PNG", "WebP", "GIF", "BMP", "HEIC", "AVIF", "RAW", "TIFF"])
def test_altered_files_are_answered(family):
    assert trial([kind for kind in KINDS if kind.split()[0] == family], 25) == ""


@pytest.mark.slow
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("kind", KINDS)
def test_thousands_of_altered_files_are_answered(kind):
    assert trial([kind], 3000, seed=1) == ""
