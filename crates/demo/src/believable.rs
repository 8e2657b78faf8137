//! The buckets of two companies: a media house with a website, and one that sells analyses.

mod harbor;
mod northwind;

use std::sync::Arc;

use s3s::dto;
use spacewatch_model::Timestamp;

use crate::civil::date_of;
use crate::content::Content;
use crate::dice::{Dice, mix};
use crate::store::{DemoStore, seed_of};
use crate::world::{Contents, Etag, Headers, Object, Upload, UploadedPart, Version, VersionId, Versioning};

/// The beginning of the keys of all log objects of the believable buckets.
pub const LOG_PREFIX: &str = "access/";

const DAY: i64 = 86_400;
const KIB: f64 = 1024.0;
const MIB: f64 = 1024.0 * KIB;
const GIB: f64 = 1024.0 * MIB;

/// Fills a store without tenants.
pub(crate) fn fill(store: DemoStore, seed: u64, now: Timestamp) -> DemoStore {
    let mut maker = Maker {
        store,
        dice: Dice::new(seed),
        now: now.as_second(),
    };
    maker = northwind::fill(maker);
    maker = harbor::fill(maker);
    maker.store
}

/// Puts objects into the store as if they had come over two years.
struct Maker {
    store: DemoStore,
    dice: Dice,
    now: i64,
}

impl Maker {
    fn tenant(mut self, name: &str, access_key_id: &str, secret: &str) -> Self {
        self.store = self.store.with_tenant(name, access_key_id, secret);
        self
    }

    /// A bucket, made so many days ago.
    fn bucket(&mut self, name: &str, days_old: i64) {
        let created = self.now - days_old * DAY - 4242;
        self.store.bucket(name).created = created;
    }

    /// A moment up to so many days ago; recent ones are likelier.
    fn moment(&mut self, days: u32) -> i64 {
        let share = self.dice.unit();
        let seconds = share * share * f64::from(days) * 86_400.0;
        self.now - i64::try_from(crate::dice::whole(seconds)).unwrap_or(0)
    }

    /// Adds an object; its type follows from its name.
    fn object(&mut self, bucket: &str, key: &str, size: u64, modified: i64) {
        let version = Version {
            id: VersionId::NULL,
            modified,
            object: Some(Arc::new(object(bucket, key, size))),
        };
        self.version(bucket, key, version);
    }

    fn version(&mut self, bucket: &str, key: &str, version: Version) {
        if let Contents::Stored(keys) = &mut self.store.bucket(bucket).contents {
            let history = keys.entry(key.to_owned()).or_default();
            if version.id == VersionId::NULL {
                history.0.clear();
            }
            history.0.push(version);
        }
    }

    /// Adds some versions of a key, and now and then a delete marker on top.
    fn versions(&mut self, bucket: &str, key: &str, median: f64) {
        self.store.bucket(bucket).versioning = Versioning::Enabled;
        let count = 1 + self.dice.below(5);
        let mut modified = self.moment(700);
        for _ in 0..count {
            let size = self.dice.size(median, 0.6);
            self.versioned(bucket, key, Some(size), modified);
            let wait = self.dice.below(40 * 86_400) + 600;
            modified = (modified + i64::try_from(wait).unwrap_or(0)).min(self.now - 60);
        }
        if self.dice.chance(0.15) {
            self.versioned(bucket, key, None, modified);
        }
    }

    fn versioned(&mut self, bucket: &str, key: &str, size: Option<u64>, modified: i64) {
        let serial = self.store.world.next_serial();
        let version = Version {
            id: VersionId::numbered(serial),
            modified,
            object: size.map(|size| Arc::new(object(bucket, key, size))),
        };
        self.version(bucket, key, version);
    }

    /// An upload that was begun and neither completed nor aborted.
    fn open_upload(&mut self, bucket: &str, key: &str, parts: i32, days_old: i64) {
        const PART: u64 = 64 * 1024 * 1024;
        let started = self.now - days_old * DAY - 777;
        let serial = self.store.world.next_serial();
        let parts = (1..=parts).map(|number| {
            let seed = mix(serial ^ u64::from(number.unsigned_abs()));
            let part = UploadedPart {
                content: Content::sparse(seed, PART),
                etag: Etag {
                    parts: 0,
                    ..Etag::scattered(seed, PART)
                },
                modified: started + i64::from(number) * 9,
            };
            (number, part)
        });
        let upload = Upload {
            started,
            storage_class: "STANDARD",
            headers: headers(key),
            parts: parts.collect(),
        };
        let id = crate::backend::upload_id(serial);
        self.store
            .bucket(bucket)
            .uploads
            .insert((key.to_owned(), id), upload);
    }

    /// A year, month and day as they stand in keys.
    fn date(&self, seconds: i64) -> (i64, i64, i64) {
        date_of(seconds)
    }
}

fn object(bucket: &str, key: &str, size: u64) -> Object {
    let seed = mix(seed_of(bucket, key) ^ size);
    Object {
        content: Content::sparse(seed, size),
        etag: Etag::scattered(seed, size),
        storage_class: "STANDARD",
        headers: headers(key),
    }
}

fn headers(key: &str) -> Headers {
    Headers {
        content_type: Some(content_type(key).to_owned()),
        ..Headers::default()
    }
}

/// What a client would have named as the type of a file of that name.
pub(crate) fn content_type(key: &str) -> &'static str {
    match key.rsplit_once('.').map_or("", |(_, extension)| extension) {
        "jpg" => "image/jpeg",
        "webp" => "image/webp",
        "png" => "image/png",
        "svg" => "image/svg+xml",
        "html" => "text/html; charset=utf-8",
        "css" => "text/css",
        "js" => "text/javascript",
        "json" | "ipynb" => "application/json",
        "woff2" => "font/woff2",
        "mp4" => "video/mp4",
        "mov" => "video/quicktime",
        "mp3" => "audio/mpeg",
        "pdf" => "application/pdf",
        "csv" => "text/csv",
        "txt" | "md" => "text/plain; charset=utf-8",
        "gz" => "application/gzip",
        "zst" => "application/zstd",
        "tar" => "application/x-tar",
        "parquet" => "application/vnd.apache.parquet",
        "docx" => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        _ => "application/octet-stream",
    }
}

/// A rule that deletes after some days, and ends uploads that nobody completes.
fn expiry(id: &str, prefix: &str, days: i32) -> dto::LifecycleRules {
    vec![dto::LifecycleRule {
        abort_incomplete_multipart_upload: Some(dto::AbortIncompleteMultipartUpload {
            days_after_initiation: Some(7),
        }),
        expiration: Some(dto::LifecycleExpiration {
            days: Some(days),
            ..dto::LifecycleExpiration::default()
        }),
        filter: Some(dto::LifecycleRuleFilter {
            prefix: Some(prefix.to_owned()),
            ..dto::LifecycleRuleFilter::default()
        }),
        id: Some(id.to_owned()),
        noncurrent_version_expiration: None,
        noncurrent_version_transitions: None,
        prefix: None,
        status: dto::ExpirationStatus::from_static(dto::ExpirationStatus::ENABLED),
        transitions: None,
    }]
}

/// How the logs of a bucket are named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum LogNames {
    Simple,
    ByDelivery,
    ByEvent,
}

/// Logs of a bucket go to another one.
fn logging_to(bucket: &str, prefix: &str, names: LogNames) -> dto::LoggingEnabled {
    let source = match names {
        LogNames::Simple => None,
        LogNames::ByDelivery => Some(dto::PartitionDateSource::DELIVERY_TIME),
        LogNames::ByEvent => Some(dto::PartitionDateSource::EVENT_TIME),
    };
    dto::LoggingEnabled {
        target_bucket: bucket.to_owned(),
        target_grants: None,
        target_object_key_format: source.map(|source| dto::TargetObjectKeyFormat {
            partitioned_prefix: Some(dto::PartitionedPrefix {
                partition_date_source: Some(dto::PartitionDateSource::from_static(source)),
            }),
            simple_prefix: None,
        }),
        target_prefix: prefix.to_owned(),
    }
}
