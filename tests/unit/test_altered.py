"""Whatever the bytes, a photo's file is answered with pixels or a sentence, soon, and within a gigabyte."""

import pytest

from tests.altered import trial
from tests.conftest import SHARED
from tests.kinds import KINDS

CASES = SHARED / "cases"
ENDINGS = (".jpg", ".png", ".tif", ".heic", ".avif", ".dng", ".webp")


@pytest.mark.parametrize("family", ["JPEG", "PNG", "WebP", "GIF", "BMP", "HEIC", "AVIF", "RAW", "TIFF"])
def test_altered_files_are_answered(family):
    assert trial([kind for kind in KINDS if kind.split()[0] == family], 25) == ""


@pytest.mark.skipif(not CASES.exists(), reason="the cases are not on this machine")
def test_the_cases_are_answered():
    assert trial(sorted(str(path) for path in CASES.glob("*/*") if path.suffix.lower() in ENDINGS), 0) == ""


@pytest.mark.hours
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("kind", KINDS)
def test_thousands_of_altered_files_are_answered(kind):
    assert trial([kind], 3000, seed=1) == ""
