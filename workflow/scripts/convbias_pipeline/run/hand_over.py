"""A job hands its script over to a fork of the nursery, and ends as the fork does; if it is killed, so is the fork."""

import json
import os
import signal
import socket
import sys

NURSERY = "CONVBIAS_NURSERY"  # the interpreter's environment and the socket; set by hand to nothing, there is none
THREADS = "OMP_NUM_THREADS"  # a job's threads by Snakemake; libraries read it but once


def hand_over() -> None:
    """Wait for a fork that runs this process's script, and end as it does; where no nursery fits, return at once."""
    prefix, _, address = os.environ.get(NURSERY, "").rpartition(os.pathsep)
    if prefix != sys.prefix or os.environ.get(THREADS) != "1":
        return
    job = {"argv": sys.argv, "path": sys.path, "folder": os.getcwd(), "environ": dict(os.environ)}
    with socket.socket(socket.AF_UNIX) as nursery:
        try:
            try:
                nursery.connect(address)
                socket.send_fds(nursery, [b"\n"], [0, 1, 2])
                nursery.sendall(json.dumps(job).encode() + b"\n")
                begun = nursery.recv(1)
            except OSError:  # the nursery is closed
                return
            ended = begun and nursery.recv(1)
        except KeyboardInterrupt:
            os._exit(128 + signal.SIGINT)
        if begun:
            if not ended:
                os.kill(os.getpid(), signal.SIGKILL)  # as the fork was
            os._exit(ended[0])
