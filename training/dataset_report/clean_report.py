"""What `clean` found, as a page to look at and a table to compute with."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from training.data.leave_out import Entry
from training.data.readers.faces import USAGES
from training.dataset_report.findings import REASONS, Findings, Group
from training.dataset_report.pictures import data_uri
from training.files.pages import render, write_page

SHOWN = 60
"""Pictures or groups of a kind on the page; the table has all."""


def write_report(findings: Findings, entries: Sequence[Entry], *, page: Path, table: Path) -> None:
    """Writes the page (HTML, with pictures of the data set in it) and the table (JSON, numbers and names only)."""
    summary = summary_of(findings, entries)
    values = {"summary": summary, "sections": _sections(findings), "shown": SHOWN, "reasons": REASONS, "usages": USAGES}
    write_page(page, render("clean.html.j2", values))
    details = {"groups": _groups(findings), "entries": [_as_dict(entry) for entry in entries]}
    write_page(table, json.dumps(summary | details, indent=1) + "\n")


def summary_of(findings: Findings, entries: Sequence[Entry]) -> dict[str, Any]:
    """The numbers of a run, JSON-able."""
    pool = findings.pool
    counts = Counter((entry.reason, entry.usage) for entry in entries)
    faces = Counter(USAGES[k] for k in pool.usages.tolist())
    near = [group.members for group in findings.groups if not all(group.exact)]
    return {
        "source": pool.found,
        "faces": {usage: faces[usage] for usage in USAGES},
        "identical_groups": len(findings.identical),
        "identical_faces": sum(map(len, findings.identical)),
        "identical_groups_across_splits": findings.across_splits(findings.identical),
        "identical_groups_with_two_labels": findings.with_two_labels(findings.identical),
        "identical_groups_with_near_copies": len(findings.identical) - len(findings.groups) + len(near),
        "near_pairs": len(findings.pairs),
        "near_threshold": findings.threshold,
        "groups_with_near_copies": len(near),
        "groups_with_near_copies_across_splits": findings.across_splits(near),
        "groups_with_near_copies_with_two_labels": findings.with_two_labels(near),
        "outlier_fence": None if findings.spectrum is None else round(findings.spectrum.fence, 2),
        "leave_out": {reason: {usage: counts[reason, usage] for usage in USAGES} for reason in REASONS},
        "leave_out_faces": len({(entry.usage, entry.name) for entry in entries}),
    }


def _groups(findings: Findings) -> list[list[str]]:
    """Places of each group of copies, the kept one first."""
    return [[findings.pool.place(k) for k in group.members] for group in findings.groups]


def _sections(findings: Findings) -> list[dict[str, Any]]:
    """What the page shows: a title, how many there are, and the first of them with pictures."""
    exact = [group for group in findings.groups if all(group.exact)]
    elsewhere = len(findings.identical) - len(exact)
    near = [group for group in findings.groups if not all(group.exact)]
    outliers = () if findings.spectrum is None else findings.spectrum.outliers
    alone = [("One grey value", findings.blank), ("Not a face by the votes", findings.not_a_face)]
    sections = [
        {"title": "Unreadable", "of": len(findings.pool.faults), "lines": [
            f"{fault.place}: {fault.reason}" for fault in findings.pool.faults[:SHOWN]
        ]},
        *({"title": title, "of": len(faces), "groups": [[_card(findings, k)] for k in faces[:SHOWN]]}
          for title, faces in alone),
        {"title": "Identical copies, kept one first", "of": len(exact), "groups": _cards(findings, exact),
         "note": f"Without the {elsewhere:,} that also have near copies: see there." if elsewhere else ""},
        {"title": "Near copies, kept one first", "of": len(near), "groups": _cards(findings, near)},
        {"title": "Outliers of the reconstruction, worst first", "of": len(outliers), "groups": [
            [_card(findings, k)] for k in outliers[:SHOWN]
        ]},
    ]  # fmt: skip
    return [{"lines": [], "groups": [], "note": ""} | section for section in sections]


def _cards(findings: Findings, groups: Sequence[Group]) -> list[list[dict[str, str]]]:
    return [[_card(findings, k) for k in group.members[:12]] for group in groups[:SHOWN]]


def _card(findings: Findings, face: int) -> dict[str, str]:
    pool = findings.pool
    label = pool.labels[face] if pool.labels else ""
    return {
        "picture": data_uri(pool.images[face]),
        "usage": USAGES[pool.usages[face]],
        "name": pool.names[face],
        "label": label,
    }


def _as_dict(entry: Entry) -> dict[str, str]:
    return {"usage": entry.usage, "name": entry.name, "reason": entry.reason, "detail": entry.detail}
