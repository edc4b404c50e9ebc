"""A job hands its script over to a fork of the server, and ends as the fork does; if it is killed, so is the fork."""

import json
import os
import signal
import socket
import sys

FORK_SERVER = (
    "CONVBIAS_FORK_SERVER"  # the interpreter's environment and the socket; set by hand to nothing, there is none
)
THREADS = "OMP_NUM_THREADS"  # a job's threads by Snakemake; libraries read it but once


def hand_over() -> None:
    """Wait for a fork that runs this process's script, and end as it does; where no server fits, return at once."""
    prefix, _, address = os.environ.get(FORK_SERVER, "").rpartition(os.pathsep)
    if prefix != sys.prefix or os.environ.get(THREADS) != "1":
        return
    job = {"argv": sys.argv, "path": sys.path, "folder": os.getcwd(), "environ": dict(os.environ)}
    with socket.socket(socket.AF_UNIX) as server:
        try:
            try:
                server.connect(address)
                socket.send_fds(server, [b"\n"], [0, 1, 2])
                server.sendall(json.dumps(job).encode() + b"\n")
                begun = server.recv(1)
            except OSError:  # the server is closed
                return
            ended = begun and server.recv(1)
        except KeyboardInterrupt:
            os._exit(128 + signal.SIGINT)
        if begun:
            if not ended:
                os.kill(os.getpid(), signal.SIGKILL)  # as the fork was
            os._exit(ended[0])
