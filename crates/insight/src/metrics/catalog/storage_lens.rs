//! The metrics of S3 Storage Lens.

use super::cloudwatch::{
    CURRENT_ONLY, DELETES, DOWNLOADED, DOWNLOADED_NOTE, ERRORS_4XX, ERRORS_5XX, GETS, HEADS, LISTS,
    NO_REQUESTS, POSTS, PUTS, UPLOADED, UPLOADED_NOTE,
};
use super::{Class, Flow, Kept, Metric, Rule, Stored, Vocabulary};

const fn metric(name: &'static str, rule: Rule, formula: &'static str) -> Metric {
    Metric::new(Vocabulary::StorageLens, name, rule, formula)
}

const fn category(name: &'static str) -> Rule {
    Rule::Requests(Class::Category(name))
}

const fn status(name: &'static str, status: u16, formula: &'static str) -> Metric {
    metric(name, Rule::Requests(Class::Status(status)), formula)
}

const fn kept(name: &'static str, what: Kept, formula: &'static str) -> Metric {
    metric(name, Rule::Kept(what), formula).noting("A single point as of the newest inventory.")
}

const CURRENT_STORAGE: &str =
    "Approximate: stored bytes are those of now, for whatever step; current versions only.";

pub(super) const METRICS: &[Metric] = &[
    metric(
        "StorageBytes",
        Rule::Stored(Stored::Bytes),
        "The sizes of all objects together.",
    )
    .approximate(CURRENT_ONLY),
    metric(
        "ObjectCount",
        Rule::Stored(Stored::Objects),
        "How many objects there are.",
    )
    .approximate(CURRENT_ONLY),
    metric(
        "AverageObjectSize",
        Rule::Stored(Stored::AverageSize),
        "StorageBytes by ObjectCount; no point for an empty bucket.",
    )
    .approximate(CURRENT_ONLY),
    metric(
        "CurrentVersionStorageBytes",
        Rule::Stored(Stored::Bytes),
        "The sizes of all current versions together.",
    )
    .noting("A single point as of now, from a listing."),
    metric(
        "CurrentVersionObjectCount",
        Rule::Stored(Stored::Objects),
        "How many current versions there are.",
    )
    .noting("A single point as of now, from a listing."),
    kept(
        "NonCurrentVersionStorageBytes",
        Kept::NoncurrentBytes,
        "The sizes of all noncurrent versions together.",
    ),
    kept(
        "NonCurrentVersionObjectCount",
        Kept::NoncurrentVersions,
        "How many noncurrent versions there are.",
    ),
    kept(
        "DeleteMarkerObjectCount",
        Kept::DeleteMarkers,
        "How many delete markers there are.",
    ),
    kept(
        "IncompleteMultipartUploadStorageBytes",
        Kept::UploadBytes,
        "The sizes of all parts of unfinished uploads together.",
    ),
    kept(
        "IncompleteMultipartUploadObjectCount",
        Kept::Uploads,
        "How many unfinished uploads there are.",
    ),
    kept(
        "IncompleteMPUStorageBytesOlderThan7Days",
        Kept::OldUploadBytes,
        "The sizes of all parts of uploads begun over seven days ago.",
    ),
    kept(
        "IncompleteMPUObjectCountOlderThan7Days",
        Kept::OldUploads,
        "How many unfinished uploads were begun over seven days ago.",
    ),
    metric("TotalLifecycleRuleCount", Rule::LifecycleRules, "How many lifecycle rules the bucket has.")
        .noting("A single point as of now."),
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
    status("200OKStatusCount", 200, "Client requests answered with 200."),
    status(
        "206PartialContentStatusCount",
        206,
        "Client requests answered with 206.",
    ),
    status(
        "400BadRequestErrorCount",
        400,
        "Client requests answered with 400.",
    ),
    status(
        "403ForbiddenErrorCount",
        403,
        "Client requests answered with 403.",
    ),
    status("404NotFoundErrorCount", 404, "Client requests answered with 404."),
    status(
        "500InternalServerErrorCount",
        500,
        "Client requests answered with 500.",
    ),
    status(
        "503ServiceUnavailableErrorCount",
        503,
        "Client requests answered with 503.",
    ),
    metric(
        "RetrievalRate",
        Rule::Retrieval,
        "BytesDownloaded by StorageBytes, in percent; no point for an empty bucket.",
    )
    .approximate(CURRENT_STORAGE),
    metric(
        "IngestRatio",
        Rule::Ingest,
        "BytesUploaded by StorageBytes, in percent; no point for an empty bucket.",
    )
    .approximate(CURRENT_STORAGE),
    metric(
        "AllUnsupportedSignatureRequests",
        Rule::Requests(Class::OldSignature),
        "Client requests signed with AWS Signature Version 2.",
    ),
    metric(
        "AllUnsupportedTLSRequests",
        Rule::Requests(Class::OldTls),
        "Client requests over SSL or a TLS version before 1.2.",
    )
    .noting("Requests whose line has no TLS version, plain HTTP among them, don't count."),
    metric(
        "UniqueObjectsAccessedDailyCount",
        Rule::UniqueKeys,
        "Different keys that were read with success (status 200 to 399) in a UTC day.",
    )
    .noting("A point a day, whatever period was asked for."),
    metric(
        "ReadRequestSizeDistribution",
        Rule::Sizes(Flow::Read),
        "Successful reads of objects (status 200 to 299) by the bytes they were sent: a series for each of the 18 classes, \
         0 B, up to 128 KiB, 256 KiB … 4 GiB, and larger.",
    ),
    metric(
        "WriteRequestSizeDistribution",
        Rule::Sizes(Flow::Written),
        "Successful `PUT.OBJECT`, `PUT.PART` and `POST.OBJECT` by object size: a series for each of the 18 classes.",
    )
    .approximate("The log has no request size, so the size of the object that came of it stands for it."),
];
