//! From what was counted to what is answered.

use std::borrow::Cow;
use std::collections::BTreeMap;

use hashbrown::{HashMap, HashSet};
use memchr::memrchr;
use spacewatch_access_log::KeyEncoding;
use spacewatch_model::Timestamp;

use super::notes;
use super::ranking::{Ranking, rank, rank_by_bucket};
use super::{
    CdnFigures, FailedFile, Figures, Filter, Latency, Period, Reading, ReasonCount, RejectFigures,
    RejectedLine, Report, Slot,
};
use crate::analysis::Outcome;
use crate::cdn::{CdnCollector, OfResult};
use crate::collector::{Collector, Series, Subject, class_of, encoding_of};
use crate::hours::Hour;
use crate::inputs::Inputs;
use crate::options::Options;
use crate::rejects::Rejects;
use crate::tally::{Counted, Tally};

/// Makes the report of what all workers together counted.
pub(crate) fn assemble(all: Collector<'_>, found: &Inputs, outcome: Outcome) -> Report {
    let options = all.options();
    let numbers: HashSet<u32> = all.series().map(|(bucket, ..)| bucket).collect();
    let buckets: BTreeMap<String, Figures> = numbers
        .iter()
        .map(|number| (lossy(all.buckets.name(*number)), figures(&all, Some(*number))))
        .collect();
    let mut failed: Vec<FailedFile> = Vec::new();
    let unfit = found.failed.iter().map(|(name, problem)| (name.clone(), problem));
    let unread = outcome
        .failed
        .iter()
        .filter_map(|(file, problem)| Some((found.files.get(*file)?.name(), problem)));
    for (file, problem) in unfit.chain(unread) {
        failed.push(FailedFile {
            file,
            code: problem.as_str(),
            detail: problem.to_string(),
        });
    }
    let read = Reading {
        files: found.files.len() as u64,
        files_failed: failed.len() as u64,
        bytes: found.files.iter().map(|input| input.bytes).sum(),
        unpacked_bytes: outcome.unpacked,
        lines: all.counts.lines,
        silent: all.counts.silent,
        filtered_out: all.counts.filtered_out,
        duplicates: all.counts.duplicates,
        rejected: all.rejects.count(),
        ambiguous: all.counts.ambiguous,
    };
    Report {
        read,
        period: all.span.map(|span| Period {
            first: instant(span.first),
            last: instant(span.last),
        }),
        filter: filter(options),
        notes: notes::of(&all, found, &outcome),
        total: figures(&all, None),
        buckets,
        cdn: (all.cdn.requests > 0).then(|| cdn_figures(&all.cdn, options.top)),
        rejects: reject_figures(all.rejects, found),
        failed_files: failed,
    }
}

fn filter(options: &Options) -> Filter {
    Filter {
        bucket: options.bucket.as_ref().map(ToString::to_string),
        from: options.range.from.map(|from| from.to_string()),
        to: options.range.to.map(|to| to.to_string()),
    }
}

/// The figures of one bucket, or of all.
fn figures(all: &Collector<'_>, bucket: Option<u32>) -> Figures {
    let mut figures = Figures::default();
    let mut by_operation: HashMap<u32, Series> = HashMap::new();
    let same_methods: Vec<u32> = (0..all.methods.len()).collect();
    for (of_bucket, operation, series) in all.series() {
        if bucket.is_none_or(|bucket| bucket == of_bucket) {
            by_operation
                .entry(operation)
                .or_default()
                .join(series, &same_methods);
        }
    }
    for (operation, series) in by_operation {
        add_operation(
            &mut figures,
            all,
            lossy(all.operations.names.name(operation)),
            &series,
        );
    }
    let belongs = |group: u32| bucket.is_none_or(|bucket| bucket == group);
    add_hours(&mut figures, &all.hours.of(belongs));
    add_top_lists(&mut figures, all, |group| belongs(group >> 2));
    figures
}

fn add_operation(figures: &mut Figures, all: &Collector<'_>, name: String, series: &Series) {
    figures.records += series.records;
    figures.requests += series.requests;
    figures.bytes_sent = figures.bytes_sent.saturating_add(series.bytes_sent);
    figures.bytes_uploaded = figures.bytes_uploaded.saturating_add(series.bytes_uploaded);
    figures.anonymous_reads += series.anonymous_reads;
    for (status, count) in &series.statuses {
        *figures.by_status.entry(status_text(*status)).or_default() += count;
        let class = class_of(*status);
        *figures.by_class.entry(class_text(class).to_owned()).or_default() += count;
        figures.errors_4xx += if class == 4 { *count } else { 0 };
        figures.errors_5xx += if class == 5 { *count } else { 0 };
    }
    for (method, count) in &series.methods {
        *figures
            .by_method
            .entry(lossy(all.methods.name(*method)))
            .or_default() += count;
    }
    if series.requests > 0 {
        let latency = Latency {
            turnaround_ms: series.turnaround.percentiles(),
            total_ms: series.total.percentiles(),
        };
        figures.latency.insert(name.clone(), latency);
    }
    *figures.by_operation.entry(name).or_default() += series.records;
}

fn status_text(status: Option<u16>) -> String {
    status.map_or_else(|| "-".to_owned(), |status| status.to_string())
}

/// The word for a class of statuses.
pub(crate) fn class_text(class: usize) -> &'static str {
    match class {
        1 => "1xx",
        2 => "2xx",
        3 => "3xx",
        4 => "4xx",
        5 => "5xx",
        _ => "-",
    }
}

fn add_hours(figures: &mut Figures, hours: &BTreeMap<i64, Hour>) {
    figures.timeline = slots(hours);
    for slot in &figures.timeline {
        *figures.by_hour.entry(slot.start.clone()).or_default() += slot.requests;
        let day = slot.start.get(..10).unwrap_or_default().to_owned();
        *figures.by_day.entry(day).or_default() += slot.requests;
    }
}

fn slots(hours: &BTreeMap<i64, Hour>) -> Vec<Slot> {
    hours
        .iter()
        .map(|(hour, cell)| Slot {
            start: instant(hour.saturating_mul(3600)),
            unix_seconds: hour.saturating_mul(3600),
            requests: cell.requests,
            bytes_sent: cell.bytes_sent,
            by_class: cell.classes,
        })
        .collect()
}

fn add_top_lists(figures: &mut Figures, all: &Collector<'_>, belongs: impl Fn(u32) -> bool) {
    let top = all.options().top;
    let of = |subject| rank(all.tally(subject), top, &belongs);
    let Ranking { distinct, top: rows } = of(Subject::Ip);
    (figures.unique_ips, figures.top_ips) = (distinct, rows);
    let Ranking { distinct, top: rows } = of(Subject::Requester);
    (figures.requesters, figures.top_requesters) = (distinct, rows);
    figures.top_user_agents = of(Subject::UserAgent).top;
    figures.top_referers = of(Subject::Referer).top;
    figures.top_hosts = of(Subject::Host).top;
    let bucket_name = |number: u32| Some(all.buckets.name(number));
    let keys = |tally, name: fn(Counted<'_>) -> (u32, Cow<'_, [u8]>)| {
        rank_by_bucket(tally, top, &belongs, name, bucket_name)
    };
    let Ranking { distinct, top: rows } = keys(all.tally(Subject::Key), key_of);
    (figures.unique_keys, figures.top_keys) = (distinct, rows);
    figures.top_prefixes = keys(all.tally(Subject::Key), folder_of).top;
    figures.top_error_keys = keys(all.tally(Subject::MissingKey), key_of).top;
}

fn key_of(one: Counted<'_>) -> (u32, Cow<'_, [u8]>) {
    (one.group >> 2, encoding_of(one.group).decode(one.text))
}

/// The key up to its last slash; the top of the bucket where it has none.
fn folder_of(one: Counted<'_>) -> (u32, Cow<'_, [u8]>) {
    let (bucket, key) = key_of(one);
    let end = memrchr(b'/', &key).map_or(0, |at| at.saturating_add(1));
    let folder = match key {
        Cow::Borrowed(key) => Cow::Borrowed(key.get(..end).unwrap_or_default()),
        Cow::Owned(mut key) => {
            key.truncate(end);
            Cow::Owned(key)
        }
    };
    (bucket, folder)
}

fn cdn_figures(cdn: &CdnCollector, top: usize) -> CdnFigures {
    let mut figures = CdnFigures {
        requests: cdn.requests,
        time_taken_ms: cdn.time_taken.percentiles(),
        timeline: slots(&cdn.hours.of(|_| true)),
        ..CdnFigures::default()
    };
    for (status, count) in &cdn.statuses {
        *figures.by_status.entry(status_text(*status)).or_default() += count;
    }
    let (mut hits, mut misses) = (OfResult::default(), OfResult::default());
    for (number, sums) in (0_u32..).zip(&cdn.by_result) {
        if sums.requests == 0 {
            continue;
        }
        let name = lossy(cdn.results.name(number));
        let side = match name.as_str() {
            "Hit" | "RefreshHit" | "OriginShieldHit" => Some(&mut hits),
            "Miss" => Some(&mut misses),
            _ => None,
        };
        if let Some(side) = side {
            side.requests += sums.requests;
            side.bytes_sent = side.bytes_sent.saturating_add(sums.bytes_sent);
        }
        figures.bytes_sent = figures.bytes_sent.saturating_add(sums.bytes_sent);
        *figures.bytes_by_result.entry(name.clone()).or_default() += sums.bytes_sent;
        *figures.by_result.entry(name).or_default() += sums.requests;
    }
    figures.hit_ratio = ratio(hits.requests, misses.requests);
    figures.byte_hit_ratio = ratio(hits.bytes_sent, misses.bytes_sent);
    let of = |tally: &Tally| rank(tally, top, |_| true);
    let Ranking { distinct, top: rows } = of(&cdn.ips);
    (figures.unique_ips, figures.top_ips) = (distinct, rows);
    figures.top_hosts = of(&cdn.hosts).top;
    let path = |one: Counted<'_>| (0, KeyEncoding::Twice.decode(one.text).into_owned().into());
    figures.top_paths = rank_by_bucket(&cdn.paths, top, |_| true, path, |_| None).top;
    figures
}

fn ratio(part: u64, rest: u64) -> Option<f64> {
    let whole = part.saturating_add(rest);
    (whole > 0).then(|| part as f64 / whole as f64)
}

fn reject_figures(rejects: Rejects, found: &Inputs) -> RejectFigures {
    let count = rejects.count();
    let by_reason = rejects.by_reason.iter().map(|(word, (reason, count))| {
        let of_reason = ReasonCount {
            count: *count,
            detail: reason.to_string(),
        };
        (*word, of_reason)
    });
    let by_reason = by_reason.collect();
    let samples: Vec<_> = rejects
        .into_samples()
        .into_iter()
        .map(|sample| RejectedLine {
            file: found
                .files
                .get(sample.file)
                .map_or_else(String::new, |input| input.name()),
            offset: sample.offset,
            length: sample.length,
            reason: sample.reason,
            line: lossy(&sample.beginning),
        })
        .collect();
    RejectFigures {
        count,
        by_reason,
        truncated: (samples.len() as u64) < count,
        samples,
    }
}

fn lossy(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// A second since 1970 as text, UTC.
fn instant(second: i64) -> String {
    Timestamp::from_second(second).map_or_else(|_| second.to_string(), |time| time.to_string())
}
