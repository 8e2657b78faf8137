//! What CloudFront (and the Spaces CDN) logged.

use hashbrown::DefaultHashBuilder;
use spacewatch_access_log::{CdnColumn, CdnRecord};

use crate::collector::{class_of, count_many};
use crate::hours::Hours;
use crate::latency::{LongTimes, Times};
use crate::tally::{Room, Tally};
use crate::words::Words;

/// Result types are a dozen words; more are made up.
const MOST_RESULTS: usize = 100;
const MOST_HOURS: usize = 500_000;
const MOST_LONG_TIMES: usize = 1_000_000;

/// The figures of one result type.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct OfResult {
    pub(crate) requests: u64,
    pub(crate) bytes_sent: u64,
}

/// The CDN requests one worker counted.
pub(crate) struct CdnCollector {
    pub(crate) requests: u64,
    pub(crate) statuses: Vec<(Option<u16>, u64)>,
    pub(crate) results: Words,
    pub(crate) by_result: Vec<OfResult>,
    pub(crate) hours: Hours,
    pub(crate) time_taken: Times,
    pub(crate) long_times: LongTimes,
    pub(crate) ips: Tally,
    pub(crate) paths: Tally,
    pub(crate) hosts: Tally,
}

impl CdnCollector {
    pub(crate) fn new(room: Room, hasher: &DefaultHashBuilder) -> Self {
        let tally = || Tally::new(room, hasher.clone());
        Self {
            requests: 0,
            statuses: Vec::new(),
            results: Words::new(MOST_RESULTS),
            by_result: Vec::new(),
            hours: Hours::new(MOST_HOURS),
            time_taken: Times::default(),
            long_times: LongTimes {
                left: MOST_LONG_TIMES,
                coarse: false,
            },
            ips: tally(),
            paths: tally(),
            hosts: tally(),
        }
    }

    pub(crate) fn add(&mut self, record: &CdnRecord<'_>, second: i64) {
        let sent = record.number(CdnColumn::BytesSent).unwrap_or(0);
        let status = record.status();
        self.requests += 1;
        count_many(&mut self.statuses, status, 1);
        let result = self
            .results
            .number(record.get(CdnColumn::ResultType).unwrap_or(b"-"));
        self.count_result(
            result,
            OfResult {
                requests: 1,
                bytes_sent: sent,
            },
        );
        self.hours.add(0, second, class_of(status), sent);
        if let Some(micros) = record.micros(CdnColumn::TimeTaken) {
            self.time_taken.add(micros / 1000, &mut self.long_times);
        }
        let counted = [
            (&mut self.ips, CdnColumn::RemoteIp),
            (&mut self.paths, CdnColumn::UriStem),
            (&mut self.hosts, CdnColumn::HostHeader),
        ];
        for (tally, column) in counted {
            if let Some(text) = record.get(column) {
                tally.add(0, text, sent);
            }
        }
    }

    fn count_result(&mut self, result: u32, more: OfResult) {
        let at = usize::try_from(result).unwrap_or(0);
        if at >= self.by_result.len() {
            self.by_result.resize(at + 1, OfResult::default());
        }
        if let Some(sums) = self.by_result.get_mut(at) {
            sums.requests += more.requests;
            sums.bytes_sent = sums.bytes_sent.saturating_add(more.bytes_sent);
        }
    }

    pub(crate) fn join(&mut self, other: Self) {
        self.requests += other.requests;
        for (status, more) in other.statuses {
            count_many(&mut self.statuses, status, more);
        }
        let results = self.results.join(&other.results);
        for (result, more) in results.into_iter().zip(other.by_result) {
            self.count_result(result, more);
        }
        self.hours.join(&other.hours, |group| group);
        self.time_taken.join(&other.time_taken);
        self.long_times.coarse |= other.long_times.coarse;
        self.ips.join(other.ips, |group| group);
        self.paths.join(other.paths, |group| group);
        self.hosts.join(other.hosts, |group| group);
    }
}
