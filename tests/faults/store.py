"""A store of files (S3) that is down, broken or slow."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress

import boto3
from moto.server import ThreadedMotoServer

from tests.faults.switch import FAIL, HANG, PASS, REFUSE, Switch, switch_to
from tests.faults.trial import Trial, fault, speed
from tests.live.patient import Crowd, met
from tests.live.server import free_port

REGION = "us-east-1"


class Store:
    """moto's S3 as a server of its own, and a bucket in it."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.bucket = f"patients-{port}"  # all of moto's servers in one process share their buckets
        self.client = boto3.client(
            "s3",
            endpoint_url=f"http://127.0.0.1:{port}",
            region_name=REGION,
            aws_access_key_id="trial",
            aws_secret_access_key="trial",
        )
        self.client.create_bucket(Bucket=self.bucket)

    def variables(self, port: int | None = None) -> dict[str, str]:
        """What a site has to know of it; `port` if something stands before it."""
        return {
            "S3_BUCKET": self.bucket,
            "S3_ENDPOINT": f"http://127.0.0.1:{port or self.port}",
            "S3_REGION": REGION,
            "S3_ACCESS_KEY": "trial",
            "S3_SECRET_KEY": "trial",
        }

    def dump(self) -> bytes:
        listed = self.client.list_objects_v2(Bucket=self.bucket).get("Contents", [])
        return b"".join(
            item["Key"].encode() + self.client.get_object(Bucket=self.bucket, Key=item["Key"])["Body"].read()
            for item in listed
        )


@contextmanager
def own_store() -> Iterator[Store]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=free_port(), verbose=False)
    server.start()
    logging.getLogger("werkzeug").setLevel(logging.ERROR)  # it would print every request
    try:
        yield Store(server.get_host_and_port()[1])
    finally:
        server.stop()


@fault(
    "X13",
    "S3 refuses connections for 10 s, answers 500 for 10 s, stores but does not answer for 30 s; a request with and "
    "one without a 2 MB file every 2 s",
    must_hold="clear 503 for files, nothing acknowledged without its bytes; requests without files go on",
)
def store_is_away(trial: Trial) -> None:
    with ExitStack() as stack:
        store = stack.enter_context(own_store())
        switch = stack.enter_context(switch_to(store.port))
        site = trial.site(**store.variables(switch.port))
        server = stack.enter_context(site.serving())
        crowd = stack.enter_context(Crowd(server.port, every=2))
        others = stack.enter_context(Crowd(server.port, every=2, first=1001, with_file=False))
        time.sleep(5)
        for manner, seconds in ((REFUSE, 10), (FAIL, 10), (HANG, 30)):
            _turn(trial, switch, manner)
            time.sleep(seconds)
        _turn(trial, switch, PASS)
        crowd.close()
        others.close()
        after = trial.back(server.port)
        crowd.end()
        others.end()
        trial.note(f"with a file: {speed(crowd.patients)}")
        trial.note(f"without: {speed(others.patients)}")
        trial.expect(not met(crowd.patients)[0], "Somebody got no answer at all instead of a 503.")
        trial.expect(not met(others.patients)[503], "A request without a file was refused.")
        trial.settle(site, [after, *others.patients], crowd=crowd, more=store.dump())
        trial.expect_none(others.failures)


def _turn(trial: Trial, switch: Switch, manner: str) -> None:
    trial.say(f"S3: {manner}")
    with suppress(OSError):
        switch.turn(manner)
