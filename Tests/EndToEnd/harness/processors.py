"""What this run may use of the machine."""

import os

#: taskset and containers leave fewer than the machine has.
COUNT = len(os.sched_getaffinity(0))
