//! What is true of the tenant, by plain loops over log lines and stored versions.

mod log;
mod stored;

use std::collections::BTreeMap;
use std::io;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan, Zoned};
use spacewatch_demo::{BucketSwitches, OpenUpload, StoreHandle, StoredVersion};

pub(crate) use log::{CdnRow, Record};
pub(crate) use stored::{Amount, extension, folder};

const DAY: i64 = 86_400;

/// Everything that is known of the tenant.
#[derive(Debug)]
pub struct Truth {
    /// When it is asked about.
    pub(crate) now: Timestamp,
    zone: TimeZone,
    /// Every record of the access logs once, by time.
    pub(crate) records: Vec<Record>,
    /// What the CDN served.
    pub(crate) cdn: Vec<CdnRow>,
    /// The buckets by name.
    pub(crate) buckets: BTreeMap<String, BucketTruth>,
}

/// What a bucket holds.
#[derive(Debug)]
pub(crate) struct BucketTruth {
    pub(crate) versions: Vec<StoredVersion>,
    pub(crate) uploads: Vec<OpenUpload>,
    pub(crate) switches: Option<BucketSwitches>,
}

/// A half-open time, in seconds since 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Period {
    pub(crate) from: i64,
    pub(crate) to: i64,
}

impl Period {
    pub(crate) fn holds(self, second: i64) -> bool {
        (self.from..self.to).contains(&second)
    }
}

impl Truth {
    /// Reads it from the bytes of the log objects and from the store itself.
    pub(crate) fn read(
        store: &StoreHandle,
        buckets: &[String],
        (now, zone): (Timestamp, TimeZone),
    ) -> io::Result<Self> {
        let mut logs = log::Logs::default();
        for bucket in buckets.iter().filter(|bucket| bucket.ends_with("-logs")) {
            for key in store.keys(bucket) {
                let bytes = store.read(bucket, &key).unwrap_or_default();
                logs.add(&bytes)?;
            }
        }
        let of = |bucket: &String| {
            let truth = BucketTruth {
                versions: store.all_versions(bucket),
                uploads: store.open_uploads(bucket),
                switches: store.switches(bucket),
            };
            (bucket.clone(), truth)
        };
        let (records, cdn) = logs.done();
        Ok(Self {
            now,
            zone,
            records,
            cdn,
            buckets: buckets.iter().map(of).collect(),
        })
    }

    /// The buckets that people mean: not those of logs and snapshots.
    pub(crate) fn sources(&self) -> impl Iterator<Item = (&str, &BucketTruth)> {
        let named = self.buckets.iter().map(|(name, bucket)| (name.as_str(), bucket));
        named.filter(|(name, _)| !name.ends_with("-logs") && !name.ends_with("-metrics"))
    }

    pub(crate) fn second(&self) -> i64 {
        self.now.as_second()
    }

    /// The last days, each of 24 hours.
    pub(crate) fn last_days(&self, days: i64) -> Period {
        Period {
            from: self.second() - days * DAY,
            to: i64::MAX,
        }
    }

    /// A calendar day, so many before today.
    pub(crate) fn day(&self, ago: i64) -> Period {
        Period {
            from: self.midnight(ago),
            to: if ago == 0 {
                i64::MAX
            } else {
                self.midnight(ago - 1)
            },
        }
    }

    /// A calendar week from Monday on, so many before this one.
    pub(crate) fn week(&self, ago: i64) -> Period {
        let today = self.local().date().weekday().to_monday_zero_offset();
        let monday = i64::from(today) + 7 * ago;
        Period {
            from: self.midnight(monday),
            to: if ago == 0 {
                i64::MAX
            } else {
                self.midnight(monday - 7)
            },
        }
    }

    /// A day's beginning as it is written: `2026-11-16`.
    pub(crate) fn date(&self, second: i64) -> String {
        let moment = Timestamp::from_second(second).unwrap_or_default();
        moment
            .to_zoned(self.zone.clone())
            .strftime("%Y-%m-%d")
            .to_string()
    }

    /// A time of day as it is written: `14:05`.
    pub(crate) fn time_of_day(&self, second: i64) -> String {
        let moment = Timestamp::from_second(second).unwrap_or_default();
        moment.to_zoned(self.zone.clone()).strftime("%H:%M").to_string()
    }

    fn local(&self) -> Zoned {
        self.now.to_zoned(self.zone.clone())
    }

    fn midnight(&self, days_ago: i64) -> i64 {
        let midnight = self
            .local()
            .checked_sub(days_ago.days())
            .and_then(|day| day.start_of_day());
        midnight.map_or(0, |midnight| midnight.timestamp().as_second())
    }

    /// The records of a period that fit.
    pub(crate) fn records_in(
        &self,
        period: Period,
        fits: impl Fn(&Record) -> bool,
    ) -> impl Iterator<Item = &Record> {
        self.records
            .iter()
            .filter(move |record| period.holds(record.time) && fits(record))
    }

    /// The requests of clients in a period that fit.
    pub(crate) fn requests_in(
        &self,
        period: Period,
        fits: impl Fn(&Record) -> bool,
    ) -> impl Iterator<Item = &Record> {
        self.records_in(period, move |record| record.is_request && fits(record))
    }

    /// When the log begins.
    pub(crate) fn log_begins(&self) -> i64 {
        self.records.first().map_or(i64::MAX, |record| record.time)
    }

    /// The beginning of the month, which a bill has in UTC.
    pub(crate) fn month_begins(&self) -> i64 {
        let now = self.now.to_zoned(TimeZone::UTC);
        now.first_of_month()
            .and_then(|day| day.start_of_day())
            .map_or(0, |day| day.timestamp().as_second())
    }

    /// How long the month is, in seconds.
    pub(crate) fn month_lasts(&self) -> i64 {
        i64::from(self.now.to_zoned(TimeZone::UTC).days_in_month()) * DAY
    }

    /// A moment of a second.
    pub(crate) fn moment(second: i64) -> Timestamp {
        Timestamp::UNIX_EPOCH + SignedDuration::from_secs(second)
    }
}
