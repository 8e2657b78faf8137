//! The request and storage metrics of the CloudWatch namespace `AWS/S3`.

use spacewatch_lake::LatencyKind;

use super::{Class, Metric, Rule, Stored, Vocabulary};

const fn metric(name: &'static str, rule: Rule, formula: &'static str) -> Metric {
    Metric::new(Vocabulary::CloudWatch, name, rule, formula)
}

const fn category(name: &'static str) -> Rule {
    Rule::Requests(Class::Category(name))
}

pub(super) const NO_REQUESTS: &str = "Records that are no client request count nowhere: lifecycle actions (`S3.*`), single keys of a multi-object delete \
     (`BATCH.*`), the source half of a copy (`REST.COPY.*_GET`).";
pub(super) const GETS: &str = "Reads of objects, their parts and their properties: `GET.OBJECT*` and `GET.PART` of any family (`REST`, `WEBSITE`, \
     `REST.S3_GET_OBJECT` of Backblaze). Listings are not among them.";
pub(super) const PUTS: &str = "Writes of objects, parts and object properties: `PUT.OBJECT*`, `PUT.PART`, and copies (`COPY.OBJECT`, `COPY.PART`).";
pub(super) const DELETES: &str = "`DELETE` of an object, of its properties or of an unfinished upload, and one for each multi-object delete \
     however many keys it names.";
pub(super) const HEADS: &str = "`HEAD` of objects, parts and buckets.";
pub(super) const POSTS: &str = "Form uploads, multipart uploads begun or completed, queries over objects. Multi-object deletes count as deletes.";
pub(super) const LISTS: &str = "Listings of keys, versions, uploads or parts.";
pub(super) const DOWNLOADED: &str = "The sum of bytes sent; `-` is 0.";
pub(super) const UPLOADED: &str =
    "The sum of object sizes of successful `PUT.OBJECT`, `PUT.PART` and `POST.OBJECT`.";
pub(super) const UPLOADED_NOTE: &str = "Approximate: the log has no request size, so the size of the object that came of it stands for it; uploads that \
     failed, copies and the bodies of other requests don't count. A sample is a successful upload.";
pub(super) const DOWNLOADED_NOTE: &str = "A sample is a client request. Percentiles are nearest-rank and exact; where there are over 500,000 different sizes, \
     they ask for a shorter period.";
pub(super) const ERRORS_4XX: &str =
    "1 for a request answered with a status from 400 to 499, else 0. The average is the error rate.";
pub(super) const ERRORS_5XX: &str =
    "1 for a request answered with a status from 500 to 599, else 0. The average is the error rate.";
pub(super) const CURRENT_ONLY: &str = "A single point as of now, from a listing: current versions only. Noncurrent versions and unfinished uploads come with \
     the inventory.";

pub(super) const METRICS: &[Metric] = &[
    metric("AllRequests", Rule::Requests(Class::All), "Every client request.").noting(NO_REQUESTS),
    metric("GetRequests", category("get"), GETS),
    metric("PutRequests", category("put"), PUTS),
    metric("DeleteRequests", category("delete"), DELETES),
    metric("HeadRequests", category("head"), HEADS),
    metric("PostRequests", category("post"), POSTS),
    metric("ListRequests", category("list"), LISTS),
    metric("BytesDownloaded", Rule::Downloaded, DOWNLOADED).noting(DOWNLOADED_NOTE),
    metric("BytesUploaded", Rule::Uploaded, UPLOADED).approximate(UPLOADED_NOTE),
    metric("4xxErrors", Rule::Flag(Class::Hundred(4)), ERRORS_4XX),
    metric("5xxErrors", Rule::Flag(Class::Hundred(5)), ERRORS_5XX),
    metric(
        "FirstByteLatency",
        Rule::Latency {
            kind: LatencyKind::Turnaround,
            successes: false,
        },
        "Turn-around time: from the last byte of the request to the first byte of the answer.",
    )
    .noting(
        "Requests whose line has no turn-around time are no samples. Percentiles are nearest-rank and exact.",
    ),
    metric(
        "TotalRequestLatency",
        Rule::Latency {
            kind: LatencyKind::Total,
            successes: false,
        },
        "Total time: from the first byte received to the last byte sent.",
    )
    .noting("Requests whose line has no total time are no samples. Percentiles are nearest-rank and exact."),
    metric(
        "BucketSizeBytes",
        Rule::Stored(Stored::Bytes),
        "The sizes of all objects together.",
    )
    .approximate(CURRENT_ONLY),
    metric(
        "NumberOfObjects",
        Rule::Stored(Stored::Objects),
        "How many objects there are.",
    )
    .approximate(CURRENT_ONLY),
];
