"""What `riskdec detect` keeps of scenes: a table of places that grows, and one page of the scenes to look at first."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from riskdec._base.table import count
from riskdec.cli.output import neutralise, write_table

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

    from riskdec.detection import Detections

# More scenes would make a page too heavy to send.
MOST_SCENES = 8


class PlaceTable:
    """A file with one line per place: CSV grows with every scene, Parquet is written at the end."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._at_end = path.name.lower().endswith(".parquet")
        self._frames: list[pd.DataFrame] = []
        self._has_header = False
        if not self._at_end:
            path.write_text("", encoding="utf-8")

    def append(self, found: Detections, scene: Path) -> None:
        """Add the places of one scene."""
        frame = found.frame("pandas")
        frame.insert(0, "scene", str(scene))
        if self._at_end:
            self._frames.append(frame)
            return
        with self._path.open("a", encoding="utf-8", newline="") as stream:
            neutralise(frame).to_csv(stream, index=False, header=not self._has_header)
        self._has_header = True

    def finish(self) -> None:
        """Write what waits for the end; nothing where no scene could be scanned."""
        if self._frames:
            import pandas as pd

            write_table(pd.concat(self._frames, ignore_index=True), self._path)


class ScenePage:
    """The page of a scene, or of the scenes most likely to hold an object."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._kept: list[tuple[Path, Detections]] = []
        self._n_scenes = 0

    def add(self, found: Detections, scene: Path) -> None:
        """Keep a scene if it is among those of the highest risk."""
        if self._path is None:
            return
        self._n_scenes += 1
        ranked = sorted([*self._kept, (scene, found)], key=lambda one: -one[1].scene_risk)
        self._kept = ranked[:MOST_SCENES]

    def write(self) -> None:
        """Write the page; nothing where no scene could be scanned."""
        if self._path is None or not self._kept:
            return
        from riskdec.report import join_pages, page_of, write_page

        pages = tuple(replace(page_of(found), title=str(scene)) for scene, found in self._kept)
        if self._n_scenes == 1:
            write_page(pages[0], self._path)
            return
        left_out = self._n_scenes - len(pages)
        more = f" The {count(left_out)} of lower scene risk are left out here; the table has their places."
        answer = f"{count(self._n_scenes)} scenes were scanned; those of the highest scene risk come first."
        whole = join_pages(
            title="Detections in scenes",
            question="Where are objects, what should be done there, and which scenes should be looked at first?",
            answer=answer + (more if left_out else ""),
            pages=pages,
        )
        write_page(whole, self._path)
