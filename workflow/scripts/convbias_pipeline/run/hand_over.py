"""A job hands its script over to a fork of the server, and exits as the fork does. Each ends if the other is killed."""

import json
import os
import signal
import socket
import sys

# The Python environment and the socket of the server. If you set it to nothing, there is no server.
FORK_SERVER = "CONVBIAS_FORK_SERVER"
# Snakemake sets the threads of a job in this variable. Libraries read it only when they load.
THREADS = "OMP_NUM_THREADS"


def hand_over() -> None:
    """Let a fork run the script of this process, and exit as the fork does. If no server fits, return at once."""
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
            except OSError:  # the server has ended
                return
            ended = begun and server.recv(1)
        except KeyboardInterrupt:
            os._exit(128 + signal.SIGINT)
        if begun:
            if not ended:
                os.kill(os.getpid(), signal.SIGKILL)  # as the fork was
            os._exit(ended[0])
