//! What one worker counts, line by line.

use hashbrown::{DefaultHashBuilder, HashMap};
use spacewatch_access_log::{Entry, KeyEncoding, Line, Record};

use crate::cdn::CdnCollector;
use crate::duplicates::SeenLines;
use crate::hours::Hours;
use crate::latency::{LongTimes, Times};
use crate::operations::{Facts, Operations};
use crate::options::Options;
use crate::rejects::Rejects;
use crate::tally::Tally;
use crate::words::Words;

/// Buckets, or operations of a bucket, beyond these are made up and counted together.
const MOST_BUCKETS: usize = 1_000;
const MOST_SERIES: usize = 4_096;
const MOST_METHODS: usize = 64;
const MOST_HOURS: usize = 500_000;
const MOST_LONG_TIMES: usize = 1_000_000;

/// The figures of one operation in one bucket.
#[derive(Debug, Clone, Default)]
pub(crate) struct Series {
    pub(crate) records: u64,
    pub(crate) requests: u64,
    pub(crate) bytes_sent: u64,
    pub(crate) bytes_uploaded: u64,
    pub(crate) anonymous_reads: u64,
    pub(crate) statuses: Vec<(Option<u16>, u64)>,
    pub(crate) methods: Vec<(u32, u64)>,
    pub(crate) turnaround: Times,
    pub(crate) total: Times,
}

/// A name for whom or what a request came from or went to. Each has a table in [`Collector`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Subject {
    Ip,
    Requester,
    UserAgent,
    Referer,
    Host,
    Key,
    MissingKey,
}

impl Subject {
    pub(crate) const ALL: [Self; 7] = [
        Self::Ip,
        Self::Requester,
        Self::UserAgent,
        Self::Referer,
        Self::Host,
        Self::Key,
        Self::MissingKey,
    ];
}

/// First and last second of what was counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) first: i64,
    pub(crate) last: i64,
}

impl Span {
    pub(crate) fn cover(span: &mut Option<Self>, second: i64) {
        let covered = span.get_or_insert(Self {
            first: second,
            last: second,
        });
        covered.first = covered.first.min(second);
        covered.last = covered.last.max(second);
    }

    pub(crate) fn join(span: &mut Option<Self>, other: Option<Self>) {
        for second in other.iter().flat_map(|other| [other.first, other.last]) {
            Self::cover(span, second);
        }
    }
}

/// Lines by what became of them.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct LineCounts {
    pub(crate) lines: u64,
    pub(crate) silent: u64,
    pub(crate) duplicates: u64,
    pub(crate) filtered_out: u64,
    pub(crate) ambiguous: u64,
}

/// What one worker counted; joined with the others' at the end.
pub(crate) struct Collector<'a> {
    options: &'a Options,
    seen: &'a SeenLines,
    from: i64,
    to: i64,
    pub(crate) counts: LineCounts,
    pub(crate) span: Option<Span>,
    pub(crate) buckets: Words,
    pub(crate) operations: Operations,
    pub(crate) methods: Words,
    places: HashMap<(u32, u32), usize>,
    series: Vec<Series>,
    last_place: ((u32, u32), usize),
    pub(crate) hours: Hours,
    pub(crate) long_times: LongTimes,
    tallies: [Tally; Subject::ALL.len()],
    pub(crate) rejects: Rejects,
    pub(crate) cdn: CdnCollector,
}

impl<'a> Collector<'a> {
    /// Nothing counted yet. Collectors to be joined need the same hasher.
    pub(crate) fn new(options: &'a Options, seen: &'a SeenLines, hasher: &DefaultHashBuilder) -> Self {
        let room = options.limits.room();
        Self {
            options,
            seen,
            from: options
                .range
                .from
                .map_or(i64::MIN, crate::options::second_at_or_after),
            to: options
                .range
                .to
                .map_or(i64::MAX, crate::options::second_at_or_after),
            counts: LineCounts::default(),
            span: None,
            buckets: Words::new(MOST_BUCKETS),
            operations: Operations::new(),
            methods: Words::new(MOST_METHODS),
            places: HashMap::new(),
            series: Vec::new(),
            last_place: ((u32::MAX, u32::MAX), 0),
            hours: Hours::new(MOST_HOURS),
            long_times: LongTimes {
                left: MOST_LONG_TIMES,
                coarse: false,
            },
            tallies: Subject::ALL.map(|_| Tally::new(room, hasher.clone())),
            rejects: Rejects::new(options.limits.samples),
            cdn: CdnCollector::new(room, hasher),
        }
    }

    /// Takes one line in.
    #[inline]
    pub(crate) fn add(&mut self, file: usize, base: u64, line: &Line<'_>, entry: &Entry<'_>) {
        match entry {
            Entry::S3(record) => self.add_record(record),
            Entry::Cdn(record) => {
                let second = record.time().as_second();
                let picked = self.in_range(second) && self.options.picks_cdn(record);
                if !picked {
                    self.counts.filtered_out += 1;
                } else if self.seen.is_new(line.bytes) {
                    self.cdn.add(record, second);
                    Span::cover(&mut self.span, second);
                } else {
                    self.counts.duplicates += 1;
                }
            }
            Entry::Reject(reason) => {
                self.rejects
                    .add(file, base.saturating_add(line.offset), line, *reason);
            }
        }
    }

    fn in_range(&self, second: i64) -> bool {
        self.from <= second && second < self.to
    }

    #[inline]
    fn add_record(&mut self, record: &Record<'_>) {
        let second = record.unix_seconds();
        let bucket = record.bucket().unwrap_or(b"-");
        if !self.in_range(second) || !self.options.picks_bucket(bucket) {
            self.counts.filtered_out += 1;
            return;
        }
        if !self.seen.is_new(record.line()) {
            self.counts.duplicates += 1;
            return;
        }
        Span::cover(&mut self.span, second);
        self.counts.ambiguous += u64::from(record.is_ambiguous());
        let bucket = self.buckets.number(bucket);
        let (operation, facts) = self.operations.number(record.operation());
        let place = self.place((bucket, operation));
        let Some(series) = self.series.get_mut(place) else {
            return;
        };
        series.records += 1;
        if facts.is_request {
            let method = record
                .method()
                .map(|method| self.methods.number(method.as_bytes()));
            series.add_request(record, facts, method, &mut self.long_times);
            self.add_client(record, bucket, second);
        }
    }

    /// The place of a bucket's operation.
    #[inline]
    fn place(&mut self, name: (u32, u32)) -> usize {
        if self.last_place.0 == name {
            return self.last_place.1;
        }
        let known = self.places.get(&name).copied();
        let place = known.unwrap_or_else(|| {
            let other = (crate::words::OTHER, crate::words::OTHER);
            let name = if self.places.len() < MOST_SERIES {
                name
            } else {
                other
            };
            *self.places.entry(name).or_insert_with(|| {
                self.series.push(Series::default());
                self.series.len() - 1
            })
        });
        self.last_place = (name, place);
        place
    }

    /// Counts where a request came from and what it went to.
    #[inline]
    fn add_client(&mut self, record: &Record<'_>, bucket: u32, second: i64) {
        let sent = record.bytes_sent().unwrap_or(0);
        self.hours.add(bucket, second, class_of(record.status()), sent);
        let [ips, requesters, agents, referers, hosts, keys, missing_keys] = &mut self.tallies;
        let group = bucket << 2;
        let count = |tally: &mut Tally, text: Option<&[u8]>| {
            if let Some(text) = text {
                tally.add(group, text, sent);
            }
        };
        count(ips, record.remote_ip());
        count(requesters, record.requester());
        count(agents, record.user_agent());
        count(referers, record.referer());
        count(hosts, record.tail().host());
        if let Some(key) = record.key_raw() {
            let group = group | encoding_number(record.key_encoding());
            keys.add(group, key, sent);
            if record.status() == Some(404) {
                missing_keys.add(group, key, 0);
            }
        }
    }

    /// What was asked for.
    pub(crate) fn options(&self) -> &'a Options {
        self.options
    }

    /// The table of a subject.
    pub(crate) fn tally(&self, subject: Subject) -> &Tally {
        let [ips, requesters, agents, referers, hosts, keys, missing_keys] = &self.tallies;
        match subject {
            Subject::Ip => ips,
            Subject::Requester => requesters,
            Subject::UserAgent => agents,
            Subject::Referer => referers,
            Subject::Host => hosts,
            Subject::Key => keys,
            Subject::MissingKey => missing_keys,
        }
    }

    /// Every bucket's operations: the numbers of both, and the figures.
    pub(crate) fn series(&self) -> impl Iterator<Item = (u32, u32, &Series)> {
        let places = self.places.iter();
        places
            .filter_map(|((bucket, operation), place)| Some((*bucket, *operation, self.series.get(*place)?)))
    }

    /// Whether operations of buckets found no room of their own.
    pub(crate) fn has_other_series(&self) -> bool {
        self.buckets.is_full() || self.operations.names.is_full() || self.places.len() >= MOST_SERIES
    }

    /// Takes over what another worker counted.
    pub(crate) fn join(&mut self, other: Self) {
        let buckets = self.buckets.join(&other.buckets);
        let bucket = |number: u32| {
            usize::try_from(number)
                .ok()
                .and_then(|at| buckets.get(at))
                .copied()
                .unwrap_or(0)
        };
        let group = |group: u32| bucket(group >> 2) << 2 | (group & 3);
        let operations = self.operations.names.join(&other.operations.names);
        let methods = self.methods.join(&other.methods);
        for (from_bucket, from_operation, series) in other.series() {
            let operation = usize::try_from(from_operation)
                .ok()
                .and_then(|at| operations.get(at));
            let name = (bucket(from_bucket), operation.copied().unwrap_or(0));
            let place = self.place(name);
            if let Some(mine) = self.series.get_mut(place) {
                mine.join(series, &methods);
            }
        }
        self.hours.join(&other.hours, bucket);
        self.long_times.coarse |= other.long_times.coarse;
        for (mine, theirs) in self.tallies.iter_mut().zip(other.tallies) {
            mine.join(theirs, group);
        }
        self.rejects.join(other.rejects);
        self.cdn.join(other.cdn);
        Span::join(&mut self.span, other.span);
        self.counts.lines += other.counts.lines;
        self.counts.silent += other.counts.silent;
        self.counts.duplicates += other.counts.duplicates;
        self.counts.filtered_out += other.counts.filtered_out;
        self.counts.ambiguous += other.counts.ambiguous;
    }
}

impl Series {
    #[inline]
    fn add_request(&mut self, record: &Record<'_>, facts: Facts, method: Option<u32>, room: &mut LongTimes) {
        self.requests += 1;
        self.bytes_sent = self.bytes_sent.saturating_add(record.bytes_sent().unwrap_or(0));
        let status = record.status();
        count(&mut self.statuses, status);
        if let Some(method) = method {
            count(&mut self.methods, method);
        }
        if status.is_some_and(|status| status < 300) {
            if facts.is_upload {
                self.bytes_uploaded = self
                    .bytes_uploaded
                    .saturating_add(record.object_size().unwrap_or(0));
            }
            self.anonymous_reads += u64::from(facts.is_object_read && record.requester().is_none());
        }
        if let Some(milliseconds) = record.turnaround_ms() {
            self.turnaround.add(milliseconds, room);
        }
        if let Some(milliseconds) = record.total_ms() {
            self.total.add(milliseconds, room);
        }
    }

    /// Takes over the figures of another one, whose methods have these numbers here.
    pub(crate) fn join(&mut self, other: &Self, methods: &[u32]) {
        self.records += other.records;
        self.requests += other.requests;
        self.bytes_sent = self.bytes_sent.saturating_add(other.bytes_sent);
        self.bytes_uploaded = self.bytes_uploaded.saturating_add(other.bytes_uploaded);
        self.anonymous_reads += other.anonymous_reads;
        for (status, more) in &other.statuses {
            count_many(&mut self.statuses, *status, *more);
        }
        for (method, more) in &other.methods {
            let method = usize::try_from(*method).ok().and_then(|at| methods.get(at));
            count_many(&mut self.methods, method.copied().unwrap_or(0), *more);
        }
        self.turnaround.join(&other.turnaround);
        self.total.join(&other.total);
    }
}

/// The place of a status among the classes of an hour.
pub(crate) fn class_of(status: Option<u16>) -> usize {
    let class = usize::from(status.unwrap_or(0) / 100);
    if class < 6 { class } else { 0 }
}

fn encoding_number(encoding: KeyEncoding) -> u32 {
    match encoding {
        KeyEncoding::Raw => 0,
        KeyEncoding::Once => 1,
        KeyEncoding::Twice => 2,
    }
}

/// The encoding of the keys of a group of [`Subject::Key`].
pub(crate) fn encoding_of(group: u32) -> KeyEncoding {
    match group & 3 {
        0 => KeyEncoding::Raw,
        1 => KeyEncoding::Once,
        _ => KeyEncoding::Twice,
    }
}

#[inline]
fn count<T: Copy + PartialEq>(counts: &mut Vec<(T, u64)>, value: T) {
    count_many(counts, value, 1);
}

/// A list that is searched from its front: few values, and the first are the most frequent ones.
#[inline]
pub(crate) fn count_many<T: Copy + PartialEq>(counts: &mut Vec<(T, u64)>, value: T, more: u64) {
    match counts.iter_mut().find(|(known, _)| *known == value) {
        Some((_, count)) => *count += more,
        None => counts.push((value, more)),
    }
}
