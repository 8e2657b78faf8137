#!/usr/bin/env python3
"""Uses an S3 endpoint as boto3 does, and says what doesn't work.

Environment: S3_ENDPOINT, S3_KEY, S3_SECRET. Makes one bucket and removes it again.
"""

import hashlib
import os
import sys

import boto3
from botocore.client import Config
from botocore.exceptions import ClientError

BUCKET = "interop-boto3"
KEYS = [
    "a.txt", "a/b.txt", "a/b/c.txt", "a//d.txt", "b c+d&e.txt", "été/東京.txt", "z/🎈.txt",
    "quote\"<tag>'.txt", "control\x01\x1f.txt", "line\nbreak.txt", "percent%41.txt",
]


def client(secret=None):
    return boto3.client(
        "s3",
        endpoint_url=os.environ["S3_ENDPOINT"],
        aws_access_key_id=os.environ["S3_KEY"],
        aws_secret_access_key=secret or os.environ["S3_SECRET"],
        region_name=os.environ.get("S3_REGION", "nyc3"),
        config=Config(s3={"addressing_style": "path"}, retries={"max_attempts": 1}),
    )


def expect(what, found, wanted):
    if found != wanted:
        sys.exit(f"FAILED {what}: found {found!r}, wanted {wanted!r}")
    print(f"ok     {what}")


def error_code(call):
    try:
        call()
    except ClientError as error:
        return error.response["Error"]["Code"]
    return None


def check_round_trip(s3):
    for key in KEYS:
        s3.put_object(Bucket=BUCKET, Key=key, Body=key.encode(), ContentType="text/plain", Metadata={"n": "1"})
    for key in KEYS:
        answer = s3.get_object(Bucket=BUCKET, Key=key)
        expect(f"reads {key!r}", answer["Body"].read(), key.encode())
        expect(f"etag of {key!r}", answer["ETag"].strip('"'), hashlib.md5(key.encode()).hexdigest())
    head = s3.head_object(Bucket=BUCKET, Key="a.txt")
    expect("type and metadata", (head["ContentType"], head["Metadata"]), ("text/plain", {"n": "1"}))
    part = s3.get_object(Bucket=BUCKET, Key="a/b.txt", Range="bytes=2-4")
    expect("a range", (part["Body"].read(), part["ContentRange"]), (b"b.t", "bytes 2-4/7"))


def check_listing(s3):
    wanted = sorted(KEYS, key=lambda key: key.encode())
    for size in (1, 3, 1000):
        pages = s3.get_paginator("list_objects_v2").paginate(Bucket=BUCKET, PaginationConfig={"PageSize": size})
        expect(f"V2 listing by {size}", [o["Key"] for page in pages for o in page.get("Contents", [])], wanted)
        pages = s3.get_paginator("list_objects").paginate(Bucket=BUCKET, PaginationConfig={"PageSize": size})
        expect(f"V1 listing by {size}", [o["Key"] for page in pages for o in page.get("Contents", [])], wanted)
    level = s3.list_objects_v2(Bucket=BUCKET, Delimiter="/", Prefix="a/")
    expect("one level", [o["Key"] for o in level["Contents"]], ["a/b.txt"])
    expect("its folders", [p["Prefix"] for p in level["CommonPrefixes"]], ["a//", "a/b/"])
    expect("the token is checked", error_code(
        lambda: s3.list_objects_v2(Bucket=BUCKET, ContinuationToken="nonsense")), "InvalidArgument")


def check_multipart(s3):
    parts = [os.urandom(5 * 1024 * 1024), os.urandom(5 * 1024 * 1024), b"the end"]
    upload = s3.create_multipart_upload(Bucket=BUCKET, Key="big.bin")["UploadId"]
    named = []
    for number, body in enumerate(parts, 1):
        etag = s3.upload_part(Bucket=BUCKET, Key="big.bin", UploadId=upload, PartNumber=number, Body=body)["ETag"]
        named.append({"PartNumber": number, "ETag": etag})
    open_uploads = s3.list_multipart_uploads(Bucket=BUCKET)["Uploads"]
    expect("open uploads", [u["UploadId"] for u in open_uploads], [upload])
    listed = s3.list_parts(Bucket=BUCKET, Key="big.bin", UploadId=upload)["Parts"]
    expect("parts", [p["Size"] for p in listed], [len(p) for p in parts])
    done = s3.complete_multipart_upload(
        Bucket=BUCKET, Key="big.bin", UploadId=upload, MultipartUpload={"Parts": named})
    digests = b"".join(hashlib.md5(part).digest() for part in parts)
    expect("etag of parts", done["ETag"].strip('"'), f"{hashlib.md5(digests).hexdigest()}-3")
    expect("the whole", s3.get_object(Bucket=BUCKET, Key="big.bin")["Body"].read(), b"".join(parts))
    upload = s3.create_multipart_upload(Bucket=BUCKET, Key="never.bin")["UploadId"]
    s3.abort_multipart_upload(Bucket=BUCKET, Key="never.bin", UploadId=upload)
    expect("no open uploads", s3.list_multipart_uploads(Bucket=BUCKET).get("Uploads", []), [])


def check_versions(s3):
    s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
    first = s3.put_object(Bucket=BUCKET, Key="v", Body=b"1")["VersionId"]
    second = s3.put_object(Bucket=BUCKET, Key="v", Body=b"2")["VersionId"]
    marker = s3.delete_object(Bucket=BUCKET, Key="v")
    expect("a delete marker", marker["DeleteMarker"], True)
    expect("gone", error_code(lambda: s3.get_object(Bucket=BUCKET, Key="v")), "NoSuchKey")
    old = s3.get_object(Bucket=BUCKET, Key="v", VersionId=first)
    expect("an old version", old["Body"].read(), b"1")
    pages = s3.get_paginator("list_object_versions").paginate(
        Bucket=BUCKET, Prefix="v", PaginationConfig={"PageSize": 1})
    entries = [e["VersionId"] for page in pages for e in page.get("Versions", []) + page.get("DeleteMarkers", [])]
    expect("all versions", entries, [marker["VersionId"], second, first])


def check_settings(s3):
    expect("no lifecycle", error_code(
        lambda: s3.get_bucket_lifecycle_configuration(Bucket=BUCKET)), "NoSuchLifecycleConfiguration")
    rule = {"ID": "r", "Status": "Enabled", "Filter": {"Prefix": "tmp/"}, "Expiration": {"Days": 3}}
    s3.put_bucket_lifecycle_configuration(Bucket=BUCKET, LifecycleConfiguration={"Rules": [rule]})
    rules = s3.get_bucket_lifecycle_configuration(Bucket=BUCKET)["Rules"]
    expect("lifecycle", rules, [rule])
    expect("logging is off", s3.get_bucket_logging(Bucket=BUCKET).get("LoggingEnabled"), None)
    expect("owner's grant", s3.get_bucket_acl(Bucket=BUCKET)["Grants"][0]["Permission"], "FULL_CONTROL")


def remove(s3):
    try:
        pages = list(s3.get_paginator("list_object_versions").paginate(Bucket=BUCKET))
    except ClientError:
        return
    for page in pages:
        entries = page.get("Versions", []) + page.get("DeleteMarkers", [])
        objects = [{"Key": e["Key"], "VersionId": e["VersionId"]} for e in entries]
        if objects:
            # Quiet: an answer that names keys with control characters is no XML that boto3 reads.
            errors = s3.delete_objects(Bucket=BUCKET, Delete={"Objects": objects, "Quiet": True}).get("Errors", [])
            expect("batch delete", errors, [])
    s3.delete_bucket(Bucket=BUCKET)


def main():
    s3 = client()
    remove(s3)
    s3.create_bucket(Bucket=BUCKET)
    expect("bucket is listed", BUCKET in [b["Name"] for b in s3.list_buckets()["Buckets"]], True)
    check_round_trip(s3)
    check_listing(s3)
    check_multipart(s3)
    check_versions(s3)
    check_settings(s3)
    s3.copy_object(Bucket=BUCKET, Key="copy.txt", CopySource={"Bucket": BUCKET, "Key": "a.txt"})
    expect("a copy", s3.get_object(Bucket=BUCKET, Key="copy.txt")["Body"].read(), b"a.txt")
    remove(s3)
    expect("bucket is gone", error_code(lambda: s3.list_objects_v2(Bucket=BUCKET)), "NoSuchBucket")
    expect("wrong secret", error_code(client("wrong").list_buckets), "SignatureDoesNotMatch")
    print("boto3: all well")


if __name__ == "__main__":
    main()
