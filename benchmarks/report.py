"""What does the PDF of an hour cost? 30 tracks, 60 minutes, six tasks: processor time, wall time and peak memory.

  python benchmarks/report.py [--minutes 60] [--pupils 30] [--lang en] [--appendix] [--rounds 3] [--json]

Each round is a process of its own and goes the whole way that ``classroom-fer report`` goes after the database: records
in, PDF on the disk, start of the libraries included. The limits are 10 s of processor time (a shared machine's wall
clock says little) and 500 MB.
"""

from __future__ import annotations

import argparse
import json
import resource
import runpy
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

LIMIT_S, LIMIT_MB = 10.0, 500.0
ROOT = Path(__file__).resolve().parent.parent


def render(minutes: int, pupils: int, lang: str, appendix: bool) -> dict[str, float]:
    """Seconds and megabytes of one report; runs in its own process."""
    sys.path.insert(0, str(ROOT))
    samples = runpy.run_path(str(ROOT / "tests" / "report" / "samples.py"))
    tasks = samples["_tasks"](*((f"Part {i + 1}", minutes / 6, "desk" if i % 3 == 1 else "board") for i in range(6)))
    lesson = samples["lesson"]("hour.mp4", tasks, [60.0 + i for i in range(6)], pupils=pupils)
    started, before = time.perf_counter(), time.process_time()
    from classroom_fer import wiring
    from classroom_fer.settings.report_style import ReportStyle

    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "hour.pdf"
        wiring.build_renderer(ReportStyle(lang=lang, appendix=appendix)).render(*lesson, out)
        size = out.stat().st_size
    return {
        "cpu_s": time.process_time() - before,
        "wall_s": time.perf_counter() - started,
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "pdf_kb": size / 1024,
        "bins": len(lesson[1].bins),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=int, default=60)
    parser.add_argument("--pupils", type=int, default=30)
    parser.add_argument("--lang", default="en")
    parser.add_argument("--appendix", action="store_true")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.child:
        print(json.dumps(render(args.minutes, args.pupils, args.lang, args.appendix)))
        return
    rounds = []
    for _ in range(args.rounds):
        done = subprocess.run(
            [sys.executable, __file__, *sys.argv[1:], "--child"], check=True, capture_output=True, text=True
        )
        rounds.append(json.loads(done.stdout.splitlines()[-1]))
    result = {name: statistics.median(one[name] for one in rounds) for name in rounds[0]}
    result["within_limits"] = result["cpu_s"] <= LIMIT_S and result["peak_mb"] <= LIMIT_MB
    if args.json:
        print(json.dumps(result))
    else:
        print(f"{args.pupils} tracks, {args.minutes} min, {args.lang}: {result['cpu_s']:.1f} s of processor time "
              f"(at most {LIMIT_S:.0f}), {result['wall_s']:.1f} s on the clock, {result['peak_mb']:.0f} MB "
              f"(at most {LIMIT_MB:.0f}), PDF {result['pdf_kb']:.0f} kB")  # fmt: skip
    sys.exit(0 if result["within_limits"] else 1)


if __name__ == "__main__":
    main()
