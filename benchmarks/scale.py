"""How many films a minute: a folder of films, each by a command of its own, by one process, by several at once, and by
the workers of a Dask cluster on this machine.

Every way analyses the same films into a new database, with a PDF each; start-up counts. The figure that is published is
a ratio within one run.

    python benchmarks/scale.py FILM --films 8 --seconds 60 --jobs 2
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import av
from distributed import LocalCluster


def pieces(film: Path, folder: Path, count: int, seconds: float) -> list[Path]:
    """Films of about ``seconds`` each, cut out of ``film`` one after the other without coding them again."""
    made = []
    with av.open(str(film)) as source:
        stream = source.streams.video[0]
        begin_s = 0.0
        for number in range(count):
            path = folder / f"{number + 1}.mp4"
            source.seek(int(begin_s / stream.time_base), stream=stream)
            with av.open(str(path), "w") as target:
                copy = target.add_stream_from_template(stream)
                first = None
                for packet in source.demux(stream):
                    if packet.dts is None:
                        continue
                    first = packet.dts if first is None else first
                    if (packet.dts - first) * stream.time_base >= seconds:
                        break
                    packet.pts, packet.dts, packet.stream = packet.pts - first, packet.dts - first, copy
                    target.mux(packet)
            made.append(path)
            begin_s += seconds
            if begin_s + seconds > float(stream.duration * stream.time_base):
                begin_s = seconds / 2
    return made


def seconds_of(folder: Path, name: str, films: list[Path], *options: str, one_by_one: bool = False) -> float:
    """Wall seconds of analysing all films into a database of its own."""
    command = [sys.executable, "-m", "classroom_fer", "analyze"]
    out = ("--db", str(folder / f"{name}.sqlite"), "--out", str(folder / name), "--quiet", *options)
    started = time.perf_counter()
    for given in [[film] for film in films] if one_by_one else [films]:
        subprocess.run([*command, *map(str, given), *out], check=True)
    return time.perf_counter() - started


@contextmanager
def dask_cluster(workers: int) -> Iterator[str]:
    """A scheduler and workers in processes of their own; its address as ``--executor`` has it."""
    with LocalCluster(
        n_workers=workers, threads_per_worker=1, memory_limit="1GiB", host="127.0.0.1", dashboard_address=None
    ) as cluster:
        yield cluster.scheduler_address.replace("tcp://", "dask://")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("film", type=Path)
    parser.add_argument("--films", type=int, default=8)
    parser.add_argument("--seconds", type=float, default=60.0, help="of each film")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        films = pieces(given.film, folder, given.films, given.seconds)
        took = {
            "a command for each film": seconds_of(folder, "each", films, one_by_one=True),
            "one process": seconds_of(folder, "one", films),
            f"{given.jobs} processes": seconds_of(folder, "jobs", films, "--jobs", str(given.jobs)),
        }
        with dask_cluster(given.jobs) as address:
            took[f"Dask, {given.jobs} workers"] = seconds_of(folder, "dask", films, "--executor", address)
    first = next(iter(took.values()))
    figures = {
        way: {"seconds": round(s, 1), "films_per_minute": round(60 * given.films / s, 2), "ratio": round(s / first, 3)}
        for way, s in took.items()
    }
    if given.json:
        print(json.dumps(figures, indent=2))
        return
    for way, figure in figures.items():
        print(
            f"{way:<26} {figure['seconds']:7.1f} s  {figure['films_per_minute']:6.2f} films a minute  {figure['ratio']}"
        )


if __name__ == "__main__":
    main()
