"""Runs a command and measures it, on Linux; imports little, so as to need no memory itself.

    python launch.py LOG COMMAND...

Puts what the command prints into LOG. Prints a list of its exit status, seconds, and peak memory in
megabytes.
"""

import json
import os
import subprocess
import sys
import time
from pathlib import Path


def main(log: Path, command: list[str]) -> None:
    with log.open("wb") as file:
        began = time.perf_counter()
        process = subprocess.Popen(command, stdout=file, stderr=subprocess.STDOUT)
        # The most of the process and of the processes that it waited for, in KiB.
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - began
    print(json.dumps([status, seconds, usage.ru_maxrss * 1024 / 1e6]))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
