//! Access logs on their way: records are collected by bucket and delivered as objects of the bucket that the owner
//! named, best effort as everywhere.

use std::collections::{BTreeMap, VecDeque};
use std::io::Write;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use s3s::crypto::{Checksum, Md5};
use s3s::dto;

use crate::backend::owner_id;
use crate::civil::date_of;
use crate::dice::mix;
use crate::log_line::LogRecord;
use crate::shared::Shared;
use crate::store::seed_of;
use crate::world::{Bucket, Etag, Headers, Object, World};

/// Records that wait hold at most so many bytes; what comes then is lost, so that logging can't fill the memory.
const MOST_WAITING: usize = 32 * 1024 * 1024;
/// Delivered objects that stay; the oldest go, as under a lifecycle rule.
const MOST_DELIVERED: usize = 5_000;
const DAY: i64 = 86_400;

/// Records that wait for delivery.
#[derive(Debug, Default)]
pub(crate) struct Logs(Mutex<Waiting>);

#[derive(Debug, Default)]
struct Waiting {
    /// By bucket and day: an object holds one of each.
    lines: BTreeMap<(String, i64), Vec<u8>>,
    bytes: usize,
    serial: u64,
    delivered: VecDeque<(String, String)>,
}

impl Logs {
    /// Takes a record, unless too many wait.
    pub(crate) fn add(&self, record: &LogRecord<'_>) {
        let mut line = Vec::with_capacity(512);
        record.write(&mut line);
        self.with(|waiting| {
            if waiting.bytes.saturating_add(line.len()) > MOST_WAITING {
                return;
            }
            waiting.bytes += line.len();
            let place = (record.bucket.to_owned(), record.time.div_euclid(DAY));
            waiting.lines.entry(place).or_default().extend_from_slice(&line);
        });
    }

    fn with<T>(&self, act: impl FnOnce(&mut Waiting) -> T) -> T {
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Writes what waits into the log buckets; tells how many objects that made.
pub(crate) fn deliver(shared: &Shared) -> usize {
    let (all, first) = shared.logs.with(|waiting| {
        waiting.bytes = 0;
        let all = std::mem::take(&mut waiting.lines);
        let first = waiting.serial;
        waiting.serial += all.len() as u64;
        (all, first)
    });
    let now = shared.now();
    let mut made = Vec::new();
    for (((source, day), lines), serial) in all.into_iter().zip(first..) {
        let Some(place) = shared
            .read()
            .buckets
            .get(&source)
            .and_then(|found| Place::of(&source, found))
        else {
            continue;
        };
        let key = place.key(&shared.region, (now, day * DAY), serial);
        let bytes = if place.gzip { packed(&lines) } else { lines };
        let etag = Etag {
            digest: Md5::checksum(&bytes),
            parts: 0,
        };
        let Some(content) = shared.budget.keep(Bytes::from(bytes)) else {
            continue;
        };
        let object = log_object(content, etag);
        if shared.write().put(&place.bucket, &key, object, now).is_some() {
            made.push((place.bucket, key));
        }
    }
    let count = made.len();
    expire(shared, made, now);
    count
}

fn expire(shared: &Shared, made: Vec<(String, String)>, now: i64) {
    let old: Vec<_> = shared.logs.with(|waiting| {
        waiting.delivered.extend(made);
        let surplus = waiting.delivered.len().saturating_sub(MOST_DELIVERED);
        waiting.delivered.drain(..surplus).collect()
    });
    for (bucket, key) in old {
        shared.write().delete(&bucket, &key, None, now);
    }
}

pub(crate) fn log_object(content: crate::content::Content, etag: Etag) -> Object {
    Object {
        content,
        etag,
        storage_class: "STANDARD",
        headers: Headers {
            content_type: Some("binary/octet-stream".to_owned()),
            ..Headers::default()
        },
    }
}

/// Packed, the same bytes for the same text.
pub(crate) fn packed(text: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::with_capacity(text.len() / 6), Compression::fast());
    // Writing to memory doesn't fail.
    let _ = encoder.write_all(text);
    encoder.finish().unwrap_or_default()
}

/// Where the logs of a bucket go, and how.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    pub(crate) bucket: String,
    pub(crate) gzip: bool,
    source: String,
    prefix: String,
    account: String,
    layout: Layout,
}

/// How log objects are named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Layout {
    /// `[prefix]TIME-UNIQUE`
    Simple,
    /// `[prefix]account/region/bucket/YYYY/MM/DD/TIME-UNIQUE`
    Partitioned {
        /// The day of the events instead of the time of delivery.
        by_event: bool,
    },
}

impl Place {
    /// `None` when the bucket's requests aren't logged.
    pub(crate) fn of(name: &str, source: &Bucket) -> Option<Self> {
        let logging = source.settings.logging.as_ref()?;
        let partitioned = logging
            .target_object_key_format
            .as_ref()
            .and_then(|format| format.partitioned_prefix.as_ref());
        Some(Self {
            bucket: logging.target_bucket.clone(),
            gzip: source.settings.gzip_logs,
            source: name.to_owned(),
            prefix: logging.target_prefix.clone(),
            account: account(source.owner),
            layout: match partitioned {
                None => Layout::Simple,
                Some(format) => Layout::Partitioned {
                    by_event: format
                        .partition_date_source
                        .as_ref()
                        .is_none_or(|by| by.as_str() == dto::PartitionDateSource::EVENT_TIME),
                },
            },
        })
    }

    /// Whether an object is named after the day of its records.
    pub(crate) fn by_day(&self) -> bool {
        self.layout == Layout::Partitioned { by_event: true }
    }

    /// The name of the object that is delivered then with the records of that day; the serial makes it unique.
    pub(crate) fn key(&self, region: &str, (delivered, day): (i64, i64), serial: u64) -> String {
        let unique = mix(seed_of(&self.source, &self.prefix) ^ mix(serial));
        let time = match self.layout {
            Layout::Partitioned { by_event: true } => day,
            Layout::Simple | Layout::Partitioned { by_event: false } => delivered,
        };
        let (year, month, day) = date_of(time);
        let second = time.rem_euclid(DAY);
        let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
        let name = format!("{year}-{month:02}-{day:02}-{hour:02}-{minute:02}-{second:02}-{unique:016X}");
        match self.layout {
            Layout::Simple => format!("{}{name}", self.prefix),
            Layout::Partitioned { .. } => format!(
                "{}{}/{region}/{}/{year}/{month:02}/{day:02}/{name}",
                self.prefix, self.account, self.source
            ),
        }
    }
}

/// The number of a tenant's account.
pub(crate) fn account(tenant: usize) -> String {
    format!(
        "{:012}",
        100_000_000_000 + mix(tenant as u64 + 17) % 900_000_000_000
    )
}

/// How a key's owner stands in the logs: the account by its id, a limited key as a user of the account.
pub(crate) fn requester(world: &World, access_key: &str) -> String {
    let Some(key) = world.keys.get(access_key) else {
        return "-".to_owned();
    };
    match (&key.grants, world.tenants.get(key.tenant)) {
        (None, Some(name)) => owner_id(name),
        _ => format!(
            "arn:aws:iam::{}:user/{}",
            account(key.tenant),
            access_key.to_ascii_lowercase()
        ),
    }
}

/// Delivers again and again, until told to stop.
pub(crate) async fn deliver_every(
    shared: Arc<Shared>,
    pause: std::time::Duration,
    stop: tokio_util::sync::CancellationToken,
) {
    while stop
        .run_until_cancelled(tokio::time::sleep(pause))
        .await
        .is_some()
    {
        deliver(&shared);
    }
}

#[cfg(test)]
mod tests {
    use spacewatch_model::SystemClock;

    use super::*;
    use crate::content::Budget;
    use crate::log_line::{Asked, Outcome, Signing};
    use crate::shared::Limits;
    use crate::store::DemoStore;

    fn shared() -> Shared {
        let store = DemoStore::empty().with_logging("source", "logs", "");
        let limits = Limits::default();
        let clock = Arc::new(SystemClock::new());
        Shared::new(store.world, clock, Budget::new(limits.kept_bytes), limits)
    }

    fn record(agent: &[u8]) -> LogRecord<'_> {
        LogRecord {
            owner: "test",
            bucket: "source",
            time: 0,
            ip: "192.0.2.1",
            requester: "-".into(),
            request_id: String::new(),
            operation: "REST.GET.OBJECT".into(),
            key: None,
            asked: Asked::Client {
                method: "GET",
                target: "/".into(),
                referer: b"-".into(),
                agent: agent.into(),
            },
            outcome: Outcome::default(),
            version: None,
            signing: Signing::Anonymous,
            host: "-",
            encrypted: false,
            fields: 26,
        }
    }

    #[test]
    fn what_waits_is_bounded() {
        let shared = shared();
        let agent = vec![b'x'; 1024 * 1024];
        for _ in 0..40 {
            shared.logs.add(&record(&agent));
        }
        let waiting = shared.logs.with(|waiting| waiting.bytes);
        assert!(
            (MOST_WAITING - 2 * agent.len()..=MOST_WAITING).contains(&waiting),
            "{waiting}"
        );
        assert_eq!(deliver(&shared), 1);
        shared.logs.add(&record(&agent));
        assert_eq!((deliver(&shared), deliver(&shared)), (1, 0));
    }

    #[test]
    fn the_oldest_log_objects_go() {
        let shared = shared();
        let names = || {
            let world = shared.read();
            let mut cursor = world.buckets["logs"].cursor(std::ops::Bound::Unbounded);
            let mut names = Vec::new();
            while let Some((name, _)) = cursor.next() {
                names.push(name.to_owned());
            }
            names
        };
        let mut first = None;
        for _ in 0..MOST_DELIVERED + 3 {
            shared.logs.add(&record(b"-"));
            assert_eq!(deliver(&shared), 1);
            if first.is_none() {
                first = names().pop();
            }
        }
        assert_eq!(names().len(), MOST_DELIVERED);
        assert!(!names().contains(&first.unwrap()));
    }
}
