//! The report at the terminal.

use std::collections::BTreeMap;
use std::fmt::Write;

use console::Style;
use spacewatch_model::{ByteSize, OneLine};
use spacewatch_report::{CdnFigures, Figures, Report, Slot, Top};

use crate::output::{Align, Table, bar, counted, sparkline, thousands};

/// Columns of the bars beside counts.
const BAR: usize = 16;

/// Columns of the line of hours.
const SPARKS: u64 = 72;

/// Rows of tables that have one for each name.
const ROWS: usize = 20;

/// The whole report.
pub(super) fn text(report: &Report, width: Option<usize>) -> String {
    let mut text = String::new();
    head(&mut text, report);
    if report.total.records > 0 {
        figures(&mut text, report, width);
    }
    if let Some(cdn) = &report.cdn {
        of_cdn(&mut text, cdn, width);
    }
    if report.rejects.count > 0 {
        rejects(&mut text, report, width);
    }
    text
}

fn title(text: &mut String, title: &str) {
    let _ = writeln!(text, "\n{}", Style::new().bold().apply_to(title));
}

fn facts(text: &mut String, rows: &[(&str, String)]) {
    let style = Style::new().dim();
    for (name, fact) in rows {
        let _ = writeln!(text, "{}  {fact}", style.apply_to(format!("{name:<10}")));
    }
}

fn head(text: &mut String, report: &Report) {
    let read = &report.read;
    let period = report.period.as_ref();
    let period = period.map_or_else(
        || "no records".to_owned(),
        |period| format!("{} to {}", period.first, period.last),
    );
    let mut lines = counted(read.lines.saturating_sub(read.silent), "line");
    for (count, what) in [
        (read.duplicates, "duplicate"),
        (read.rejected, "rejected"),
        (read.filtered_out, "filtered out"),
        (read.ambiguous, "ambiguous"),
    ] {
        if count > 0 {
            let _ = write!(lines, ", {} {what}", thousands(count));
        }
    }
    let files = format!(
        "{}, {}",
        counted(read.files, "file"),
        ByteSize(read.unpacked_bytes)
    );
    facts(text, &[("period", period), ("read", files), ("lines", lines)]);
    if report.total.records > 0 {
        sums(text, &report.total);
    }
}

fn sums(text: &mut String, total: &Figures) {
    let errors = format!(
        "{} 4xx, {} 5xx",
        share(total.errors_4xx, total.requests),
        share(total.errors_5xx, total.requests)
    );
    let addresses = if total.unique_ips == 1 {
        "address"
    } else {
        "addresses"
    };
    let clients = format!(
        "{} {addresses}, {}",
        thousands(total.unique_ips),
        counted(total.requesters, "requester")
    );
    let requests = format!(
        "{} ({})",
        thousands(total.requests),
        counted(total.records, "record")
    );
    facts(
        text,
        &[
            ("requests", requests),
            ("sent", ByteSize(total.bytes_sent).to_string()),
            (
                "uploaded",
                format!("{} (approximate)", ByteSize(total.bytes_uploaded)),
            ),
            ("errors", errors),
            ("clients", clients),
            ("anonymous", counted(total.anonymous_reads, "read")),
        ],
    );
}

fn share(part: u64, whole: u64) -> String {
    let percent = if whole == 0 {
        0.0
    } else {
        part as f64 * 100.0 / whole as f64
    };
    format!("{percent:.2} %")
}

fn figures(text: &mut String, report: &Report, width: Option<usize>) {
    let total = &report.total;
    over_time(text, "Requests by hour", &total.timeline);
    named(text, ("Status", "STATUS"), &total.by_status, width);
    operations(text, total, width);
    if report.buckets.len() > 1 {
        buckets(text, &report.buckets, width);
    }
    for (name, rows) in [
        ("Client addresses", &total.top_ips),
        ("Requesters", &total.top_requesters),
        ("Keys", &total.top_keys),
        ("Folders", &total.top_prefixes),
        ("User agents", &total.top_user_agents),
        ("Referers", &total.top_referers),
        ("Hosts", &total.top_hosts),
        ("Keys not found", &total.top_error_keys),
    ] {
        top(text, name, rows, total.requests, width);
    }
}

/// The hours as one line; several share a column where there are many.
fn over_time(text: &mut String, name: &str, slots: &[Slot]) {
    let (Some(first), Some(last)) = (slots.first(), slots.last()) else {
        return;
    };
    let hours = last.unix_seconds.abs_diff(first.unix_seconds) / 3600 + 1;
    let each = hours.div_ceil(SPARKS).max(1);
    let columns = usize::try_from(hours.div_ceil(each)).unwrap_or(0);
    let (mut requests, mut errors) = (vec![0; columns], vec![0; columns]);
    for slot in slots {
        let at = usize::try_from(slot.unix_seconds.abs_diff(first.unix_seconds) / 3600 / each).unwrap_or(0);
        if let (Some(sum), Some(failed)) = (requests.get_mut(at), errors.get_mut(at)) {
            *sum += slot.requests;
            *failed += slot.by_class.get(5).copied().unwrap_or(0);
        }
    }
    title(text, name);
    let _ = writeln!(text, "{}", sparkline(&requests));
    let failed = errors.iter().any(|count| *count > 0);
    if failed {
        let _ = writeln!(text, "{}", Style::new().red().apply_to(sparkline(&errors)));
    }
    let most = requests.iter().max().copied().unwrap_or(0);
    let column = if each == 1 {
        "an hour".to_owned()
    } else {
        format!("{each} hours")
    };
    let below = if failed {
        "; below: 5xx, on a scale of their own"
    } else {
        ""
    };
    let legend = format!(
        "a column is {column}, the highest {}{below}",
        counted(most, "request")
    );
    let _ = writeln!(text, "{}", Style::new().dim().apply_to(legend));
}

fn named(
    text: &mut String,
    (name, column): (&str, &'static str),
    counts: &BTreeMap<String, u64>,
    width: Option<usize>,
) {
    let whole: u64 = counts.values().sum();
    let most = counts.values().max().copied().unwrap_or(0);
    let mut table = Table::new(&[
        ("REQUESTS", Align::Right),
        ("SHARE", Align::Right),
        ("", Align::Left),
        (column, Align::Left),
    ]);
    for (name, count) in counts.iter().take(ROWS) {
        table.row(vec![
            thousands(*count),
            share(*count, whole),
            bar(*count, most, BAR),
            name.clone(),
        ]);
    }
    title(text, name);
    text.push_str(&table.render(width));
}

fn operations(text: &mut String, total: &Figures, width: Option<usize>) {
    let mut rows: Vec<_> = total.by_operation.iter().collect();
    rows.sort_by(|a, b| (b.1, a.0).cmp(&(a.1, b.0)));
    let most = rows.first().map_or(0, |(_, count)| **count);
    let mut table = Table::new(&[
        ("RECORDS", Align::Right),
        ("", Align::Left),
        ("P50", Align::Right),
        ("P95", Align::Right),
        ("P99", Align::Right),
        ("P99 ALL", Align::Right),
        ("OPERATION", Align::Left),
    ]);
    let time =
        |value: Option<u64>| value.map_or_else(|| "-".to_owned(), |value| format!("{} ms", thousands(value)));
    for (name, count) in rows.into_iter().take(ROWS) {
        let latency = total.latency.get(name).copied().unwrap_or_default();
        table.row(vec![
            thousands(*count),
            bar(*count, most, BAR),
            time(latency.turnaround_ms.p50),
            time(latency.turnaround_ms.p95),
            time(latency.turnaround_ms.p99),
            time(latency.total_ms.p99),
            name.clone(),
        ]);
    }
    title(text, "Operations, time to first byte");
    text.push_str(&table.render(width));
}

fn buckets(text: &mut String, buckets: &BTreeMap<String, Figures>, width: Option<usize>) {
    let mut rows: Vec<_> = buckets.iter().collect();
    rows.sort_by(|a, b| (b.1.requests, a.0).cmp(&(a.1.requests, b.0)));
    let most = rows.first().map_or(0, |(_, figures)| figures.requests);
    let mut table = Table::new(&[
        ("REQUESTS", Align::Right),
        ("", Align::Left),
        ("SENT", Align::Right),
        ("4XX", Align::Right),
        ("5XX", Align::Right),
        ("CLIENTS", Align::Right),
        ("BUCKET", Align::Left),
    ]);
    for (name, figures) in rows.into_iter().take(ROWS) {
        table.row(vec![
            thousands(figures.requests),
            bar(figures.requests, most, BAR),
            ByteSize(figures.bytes_sent).to_string(),
            share(figures.errors_4xx, figures.requests),
            share(figures.errors_5xx, figures.requests),
            thousands(figures.unique_ips),
            name.clone(),
        ]);
    }
    title(text, "Buckets");
    text.push_str(&table.render(width));
}

fn top(text: &mut String, name: &str, rows: &[Top], whole: u64, width: Option<usize>) {
    let Some(most) = rows.iter().map(|row| row.count).max() else {
        return;
    };
    let mut table = Table::new(&[
        ("REQUESTS", Align::Right),
        ("SHARE", Align::Right),
        ("", Align::Left),
        ("SENT", Align::Right),
        ("VALUE", Align::Left),
    ]);
    for row in rows {
        let value = match &row.bucket {
            Some(bucket) => format!("{bucket}/{}", row.value),
            None => row.value.clone(),
        };
        table.row(vec![
            thousands(row.count),
            share(row.count, whole),
            bar(row.count, most, BAR),
            ByteSize(row.bytes_sent).to_string(),
            value,
        ]);
    }
    title(text, name);
    text.push_str(&table.render(width));
}

fn of_cdn(text: &mut String, cdn: &CdnFigures, width: Option<usize>) {
    title(text, "CDN");
    let percent =
        |ratio: Option<f64>| ratio.map_or_else(|| "-".to_owned(), |ratio| format!("{:.1} %", ratio * 100.0));
    facts(
        text,
        &[
            ("requests", thousands(cdn.requests)),
            ("sent", ByteSize(cdn.bytes_sent).to_string()),
            (
                "hit ratio",
                format!(
                    "{}, by bytes {}",
                    percent(cdn.hit_ratio),
                    percent(cdn.byte_hit_ratio)
                ),
            ),
            ("clients", thousands(cdn.unique_ips)),
        ],
    );
    over_time(text, "Requests at the edge by hour", &cdn.timeline);
    named(text, ("Results at the edge", "RESULT"), &cdn.by_result, width);
    named(text, ("Status at the edge", "STATUS"), &cdn.by_status, width);
    top(text, "Paths at the edge", &cdn.top_paths, cdn.requests, width);
    top(
        text,
        "Client addresses at the edge",
        &cdn.top_ips,
        cdn.requests,
        width,
    );
}

fn rejects(text: &mut String, report: &Report, width: Option<usize>) {
    const SAMPLES: usize = 5;
    title(text, "Rejected lines");
    let mut table = Table::new(&[("LINES", Align::Right), ("REASON", Align::Left)]);
    for reason in report.rejects.by_reason.values() {
        table.row(vec![thousands(reason.count), reason.detail.clone()]);
    }
    text.push_str(&table.render(width));
    let style = Style::new().dim();
    for sample in report.rejects.samples.iter().take(SAMPLES) {
        let place = format!("{} at byte {}", OneLine(&sample.file), sample.offset);
        let line: String = sample.line.chars().take(80).collect();
        let _ = writeln!(text, "{}  {}", style.apply_to(place), OneLine(&line));
    }
}
