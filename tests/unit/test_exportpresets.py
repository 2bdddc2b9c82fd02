"""Export presets and watermarks are kept for their owner alone, go along to an account, and end with a visitor."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
import sqlalchemy as sa

from envo import database as db
from envo import exportpresets, watermarks
from envo.errors import NotFound, UserError
from envo.exportsettings import ExportSettings, Watermark
from envo.library import Library
from envo.visitors import new_visitor
from tests.unit.test_photo import saved

PRINT = ExportSettings(format="TIFF", depth=16, watermark=Watermark(text="© Ann"))
LOGO = saved(np.full((40, 20, 4), 255, np.uint8), "PNG")


def test_what_a_visitor_kept_goes_along_to_the_account_once(library: Library):
    mine = library.exports.add("visitor", "Print", PRINT)
    library.exports.add("visitor", "Web", ExportSettings())
    library.exports.add("ann", "Print", PRINT)
    logo = library.watermarks.add("visitor", "logo.png", LOGO)
    with pytest.raises(NotFound):
        library.watermarks.load("ann", logo.id)
    with pytest.raises(NotFound):
        library.exports.change("ann", mine.id, "Hers")
    library.move("visitor", "ann")
    own = [each for each in library.exports.all("ann") if not each.built_in]
    assert [each.name for each in own] == ["Print", "Web"] and ExportSettings(**own[0].settings) == PRINT
    assert library.watermarks.load("ann", logo.id).shape == (40, 20, 4)
    assert all(each.built_in for each in library.exports.all("visitor")) and library.watermarks.all("visitor") == []


def test_what_a_visitor_kept_goes_when_they_stay_away(library: Library):
    visitor = new_visitor()
    library.exports.add(visitor, "Print", PRINT)
    logo = library.watermarks.add(visitor, "logo.png", LOGO)
    file = library.watermarks.file(visitor, logo.id)
    library.purge(datetime.now(UTC) + timedelta(days=1))
    assert len(library.exports.all(visitor)) == 5 and file.exists()
    library.purge(datetime.now(UTC) + timedelta(days=500))
    assert len(library.exports.all(visitor)) == 4 and not file.exists() and library.watermarks.all(visitor) == []


def test_there_is_an_end_to_what_is_kept(library: Library, monkeypatch):
    monkeypatch.setattr(exportpresets, "MAX_EXPORT_PRESETS", 1)
    monkeypatch.setattr(watermarks, "MAX_WATERMARKS", 1)
    library.exports.add("ann", "Print", PRINT)
    library.watermarks.add("ann", "logo.png", LOGO)
    with pytest.raises(UserError, match="You have 1 export presets already"):
        library.exports.add("ann", "Web", ExportSettings())
    with pytest.raises(UserError, match="You have 1 watermarks already"):
        library.watermarks.add("ann", "logo.png", LOGO)


def test_settings_that_are_known_no_more_are_as_they_begin(library: Library):
    row = library.exports.add("ann", "Old", PRINT)
    with library.database.write() as connection:
        connection.execute(sa.update(db.export_preset).values(settings={"format": "JPEG 2000"}))
    assert library.exports.all("ann")[4] == exportpresets.ExportPreset(row.id, "Old", ExportSettings().model_dump())
