#!/usr/bin/env python3
"""Takes SpaceWatch's inventory of a bucket and compares each sum with those of boto3, rclone and the AWS CLI.

Environment: S3_ENDPOINT, S3_KEY, S3_SECRET, and SPACEWATCH, the program. Makes one bucket and removes it again.
"""

import json
import os
import random
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor

import boto3
from botocore.client import Config

BUCKET = "interop-inventory"
REGION = os.environ.get("S3_REGION", "nyc3")
PART = 5 << 20
FOLDERS = ["a/", "a/b/", "a/b/c d/", "été/", "x//y/", ""]
ODD = ["control\x01.txt", "line\nbreak.txt", "percent%41.txt", "plus+and space", "z/🎈.txt"]


def expect(what, found, wanted):
    if found != wanted:
        sys.exit(f"FAILED {what}: found {found!r}, wanted {wanted!r}")
    print(f"ok     {what}: {found}")


def client():
    return boto3.client(
        "s3",
        endpoint_url=os.environ["S3_ENDPOINT"],
        aws_access_key_id=os.environ["S3_KEY"],
        aws_secret_access_key=os.environ["S3_SECRET"],
        region_name=REGION,
        config=Config(
            s3={"addressing_style": "path"}, max_pool_connections=16, request_checksum_calculation="when_required"
        ),
    )


def fill(s3):
    """Two thousand keys, some overwritten, some deleted, some uploads never completed."""
    dice = random.Random(4)
    keys = [f"{dice.choice(FOLDERS)}{n:04d}.bin" for n in range(2000)] + ODD
    put = lambda key: s3.put_object(Bucket=BUCKET, Key=key, Body=b"x" * dice.randrange(3000))
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(put, keys))
        s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
        list(pool.map(put, keys[::7]))
        list(pool.map(lambda key: s3.delete_object(Bucket=BUCKET, Key=key), keys[::11]))
    for n in range(3):
        upload = s3.create_multipart_upload(Bucket=BUCKET, Key=f"uploads/{n}")["UploadId"]
        for part in range(1, n + 1):
            s3.upload_part(
                Bucket=BUCKET, Key=f"uploads/{n}", UploadId=upload, PartNumber=part, Body=b"p" * (PART + part)
            )


def pages(s3, call, **more):
    return s3.get_paginator(call).paginate(Bucket=BUCKET, **more)


def sums_of_boto3(s3, prefix=""):
    sums = dict.fromkeys(
        [
            "objects", "bytes", "noncurrent_versions", "noncurrent_bytes", "delete_markers", "incomplete_uploads",
            "incomplete_bytes",
        ],
        0,
    )
    for page in pages(s3, "list_object_versions", Prefix=prefix):
        sums["delete_markers"] += len(page.get("DeleteMarkers", []))
        for version in page.get("Versions", []):
            kind = ("objects", "bytes") if version["IsLatest"] else ("noncurrent_versions", "noncurrent_bytes")
            sums[kind[0]] += 1
            sums[kind[1]] += version["Size"]
    for page in pages(s3, "list_multipart_uploads", Prefix=prefix):
        for upload in page.get("Uploads", []):
            parts = s3.list_parts(Bucket=BUCKET, Key=upload["Key"], UploadId=upload["UploadId"])
            sums["incomplete_uploads"] += 1
            sums["incomplete_bytes"] += sum(part["Size"] for part in parts.get("Parts", []))
    return sums


def told(*command, **environment):
    answer = subprocess.run(command, env=os.environ | environment, stdout=subprocess.PIPE, check=True)
    return answer.stdout.decode()


def spacewatch(*words):
    with tempfile.NamedTemporaryFile("w") as secret:
        secret.write(os.environ["S3_SECRET"])
        secret.flush()
        return json.loads(
            told(
                os.environ["SPACEWATCH"], *words, "--json", "--key", os.environ["S3_KEY"], "--secret-file", secret.name,
                "--endpoint", os.environ["S3_ENDPOINT"], "--region", REGION,
            )
        )


def check_whole(s3, data):
    spacewatch("inventory", "run", BUCKET, "--data-dir", data)
    totals = spacewatch("inventory", "show", BUCKET, "--data-dir", data)["totals"]
    for name, wanted in sums_of_boto3(s3).items():
        expect(f"{name} as boto3 sums it", totals[name], wanted)
    size = json.loads(told("rclone", "size", "--json", f"t:{BUCKET}"))
    expect("rclone size", (totals["objects"], totals["bytes"]), (size["count"], size["bytes"]))
    lines = told(
        "aws", "--endpoint-url", os.environ["S3_ENDPOINT"], "s3", "ls", "--recursive", "--summarize", f"s3://{BUCKET}",
        AWS_ACCESS_KEY_ID=os.environ["S3_KEY"], AWS_SECRET_ACCESS_KEY=os.environ["S3_SECRET"],
        AWS_DEFAULT_REGION=REGION,
    ).splitlines()
    summary = dict(line.strip().split(": ") for line in lines if line.strip().startswith("Total "))
    wanted = (int(summary["Total Objects"]), int(summary["Total Size"]))
    expect("aws s3 ls --summarize", (totals["objects"], totals["bytes"]), wanted)


def check_folders(s3, data):
    for prefix in FOLDERS[:-1] + ["uploads/"]:
        totals = spacewatch("inventory", "show", f"{BUCKET}/{prefix}", "--data-dir", data)["totals"]
        expect(f"everything below {prefix!r}", totals, sums_of_boto3(s3, prefix))


def remove(s3):
    for page in pages(s3, "list_multipart_uploads"):
        for upload in page.get("Uploads", []):
            s3.abort_multipart_upload(Bucket=BUCKET, Key=upload["Key"], UploadId=upload["UploadId"])
    for page in list(pages(s3, "list_object_versions")):
        versions = page.get("Versions", []) + page.get("DeleteMarkers", [])
        with ThreadPoolExecutor(8) as pool:
            delete = lambda version: s3.delete_object(Bucket=BUCKET, Key=version["Key"], VersionId=version["VersionId"])
            list(pool.map(delete, versions))
    s3.delete_bucket(Bucket=BUCKET)


def main():
    os.environ.update(
        RCLONE_CONFIG=os.devnull, RCLONE_CONFIG_T_TYPE="s3", RCLONE_CONFIG_T_PROVIDER="Other",
        RCLONE_CONFIG_T_ENDPOINT=os.environ["S3_ENDPOINT"], RCLONE_CONFIG_T_REGION=REGION,
        RCLONE_CONFIG_T_ACCESS_KEY_ID=os.environ["S3_KEY"], RCLONE_CONFIG_T_SECRET_ACCESS_KEY=os.environ["S3_SECRET"],
    )
    s3 = client()
    s3.create_bucket(Bucket=BUCKET)
    try:
        fill(s3)
        with tempfile.TemporaryDirectory() as data:
            check_whole(s3, data)
            check_folders(s3, data)
    finally:
        remove(s3)


main()
