//! Snapshots as tables and as CSV.

use spacewatch_insight::{
    AggregateSeriesOutput, Reading, RequestsFrom, SnapshotAllOutput, SnapshotSeriesOutput,
    SnapshotSourcesOutput, TakeSnapshotOutput,
};
use spacewatch_model::ByteSize;

use crate::output::{self, Align, Table};

pub(super) fn taken(found: &TakeSnapshotOutput) -> String {
    let record = &found.record;
    let mut table = Table::new(&[
        ("OBJECTS", Align::Right),
        ("SIZE", Align::Right),
        ("REQUESTS", Align::Right),
        ("SINCE", Align::Left),
        ("WRITTEN TO", Align::Left),
    ]);
    table.row(vec![
        output::thousands(record.source_objects),
        ByteSize(record.source_bytes).to_string(),
        requests(record.requests_total, record.interval_start.is_some(), true),
        record
            .interval_start
            .map_or_else(|| "-".to_owned(), output::instant),
        format!("{}/{}", found.metrics_bucket, found.metrics_key),
    ]);
    table.render(output::terminal_width())
}

pub(super) fn all_taken(found: &SnapshotAllOutput) -> String {
    let mut table = Table::new(&[
        ("STATUS", Align::Left),
        ("BUCKET", Align::Left),
        ("WRITTEN TO", Align::Left),
    ]);
    for taken in &found.results {
        table.row(vec![
            taken.status.to_owned(),
            taken.bucket.to_string(),
            taken.metrics_key.to_string(),
        ]);
    }
    for failed in &found.errors {
        table.row(vec![
            failed.status.to_owned(),
            failed.bucket.to_string(),
            failed.error.clone(),
        ]);
    }
    table.render(output::terminal_width())
}

pub(super) fn sources(found: &SnapshotSourcesOutput) -> String {
    let mut table = Table::new(&[
        ("FIRST", Align::Left),
        ("LAST", Align::Left),
        ("SOURCE", Align::Left),
    ]);
    for span in &found.details {
        table.row(vec![
            output::instant(span.first),
            output::instant(span.last),
            place(span.source.bucket.as_str(), span.source.prefix.as_str()),
        ]);
    }
    table.render(output::terminal_width())
}

fn place(bucket: &str, prefix: &str) -> String {
    match prefix {
        "" => bucket.to_owned(),
        prefix => format!("{bucket}/{prefix}"),
    }
}

/// A figure; with `~` where more may come, and `-` where there is none.
fn requests(figure: u64, known: bool, complete: bool) -> String {
    match (known, complete) {
        (false, _) => "-".to_owned(),
        (true, true) => output::thousands(figure),
        (true, false) => format!("~{}", output::thousands(figure)),
    }
}

pub(super) fn series(found: &SnapshotSeriesOutput) -> String {
    let mut table = Table::new(&[
        ("TIME", Align::Left),
        ("OBJECTS", Align::Right),
        ("SIZE", Align::Right),
        ("REQUESTS", Align::Right),
        ("4XX", Align::Right),
        ("5XX", Align::Right),
        ("SENT", Align::Right),
        ("IPS", Align::Right),
    ]);
    for point in &found.points {
        let record = &point.record;
        let known = matches!(point.requests_from, RequestsFrom::Log | RequestsFrom::Snapshot);
        let figure = |figure| requests(figure, known, record.requests_complete);
        table.row(vec![
            output::instant(record.ts),
            output::thousands(record.source_objects),
            ByteSize(record.source_bytes).to_string(),
            figure(record.requests_total),
            figure(record.status_4xx),
            figure(record.status_5xx),
            match known {
                true => ByteSize(record.bytes_sent).to_string(),
                false => "-".to_owned(),
            },
            figure(record.unique_ips),
        ]);
    }
    table.render(output::terminal_width())
}

pub(super) fn aggregate(found: &AggregateSeriesOutput) -> String {
    let mut table = Table::new(&[
        ("STEP", Align::Left),
        ("OBJECTS", Align::Right),
        ("SIZE", Align::Right),
        ("REQUESTS", Align::Right),
        ("4XX", Align::Right),
        ("5XX", Align::Right),
        ("SENT", Align::Right),
        ("BUCKETS", Align::Left),
    ]);
    for point in &found.points {
        let figure = |figure| requests(figure, true, point.requests_complete);
        let mark = if point.incomplete { "*" } else { "" };
        table.row(vec![
            output::instant(point.ts),
            output::thousands(point.source_objects),
            ByteSize(point.source_bytes).to_string(),
            figure(point.requests_total),
            figure(point.status_4xx),
            figure(point.status_5xx),
            ByteSize(point.bytes_sent).to_string(),
            format!(
                "{}/{}{mark}",
                point.sources_in,
                point.sources_in + point.sources_held
            ),
        ]);
    }
    table.render(output::terminal_width())
}

/// What the answer rests on, where it needs saying.
pub(super) fn about(reading: &Reading) -> Vec<String> {
    let mut notes = Vec::new();
    if reading.lines_broken > 0 {
        let lines = output::counted(reading.lines_broken, "line");
        notes.push(format!(
            "{lines} of the snapshot files are no records and were left out"
        ));
    }
    if reading.objects_broken > 0 {
        let objects = output::counted(reading.objects_broken, "object");
        notes.push(format!("{objects} with snapshots could not be read to the end"));
    }
    notes
}
