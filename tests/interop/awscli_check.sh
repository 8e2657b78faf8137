#!/bin/sh
# The AWS CLI against the store: bucket, copy up and down (a multipart upload among them), listing, sync, removal.
set -eu
: "${S3_ENDPOINT:?}" "${S3_KEY:?}" "${S3_SECRET:?}"
export AWS_ACCESS_KEY_ID="$S3_KEY" AWS_SECRET_ACCESS_KEY="$S3_SECRET" AWS_DEFAULT_REGION="${S3_REGION:-nyc3}"
export AWS_CONFIG_FILE=/dev/null AWS_SHARED_CREDENTIALS_FILE=/dev/null AWS_EC2_METADATA_DISABLED=true
export AWS_REQUEST_CHECKSUM_CALCULATION=when_required AWS_RESPONSE_CHECKSUM_VALIDATION=when_required

bucket=awscli-check-$$
folder=$(mktemp -d)
s3() { aws --endpoint-url "$S3_ENDPOINT" s3 "$@"; }
fail() { echo "awscli: $*" >&2; exit 1; }
trap 's3 rb --force "s3://$bucket" >/dev/null 2>&1 || true; rm -rf "$folder"' EXIT

s3 mb "s3://$bucket" >/dev/null || fail "mb"
mkdir "$folder/up"
printf 'hello' >"$folder/up/small name+é.txt"
head -c 20000000 /dev/urandom >"$folder/up/large.bin"
s3 sync --only-show-errors "$folder/up" "s3://$bucket/in" || fail "sync up"
[ "$(s3 ls --recursive "s3://$bucket/" | wc -l)" = 2 ] || fail "ls doesn't show two objects"
s3 sync --only-show-errors "s3://$bucket/in" "$folder/down" || fail "sync down"
diff -r "$folder/up" "$folder/down" || fail "what came down differs from what went up"
s3 mv --only-show-errors "s3://$bucket/in/large.bin" "s3://$bucket/out/large.bin" || fail "mv"
s3 ls "s3://$bucket/out/large.bin" >/dev/null || fail "ls after mv"
s3 rb --force "s3://$bucket" >/dev/null || fail "rb"
if s3 ls "s3://$bucket" >/dev/null 2>&1; then fail "the bucket is still there"; fi
echo "awscli: all checks passed"
