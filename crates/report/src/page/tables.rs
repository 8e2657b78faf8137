//! Ranked rows.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::chart::class_name;
use super::text::{Bytes, Count, Milliseconds, Share, Text};
use crate::report::{Figures, Top};

/// What stands beside the count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Column {
    Bytes,
    None,
}

/// A panel with a top list.
pub(super) fn top_list(out: &mut String, title: &str, rows: &[Top], whole: u64, column: Column) {
    let _ = writeln!(
        out,
        "<section class=\"panel\">\n<div class=\"head\"><h3>{title}</h3></div>"
    );
    if rows.is_empty() {
        out.push_str("<p class=\"empty\">none in these logs</p>\n</section>\n");
        return;
    }
    let size = if column == Column::Bytes {
        "<th class=\"n size\">Sent</th>"
    } else {
        ""
    };
    let _ = writeln!(
        out,
        "<table class=\"top\"><thead><tr><th>Value</th><th class=\"n count\">Requests</th><th class=\"n share\">Share</th>{size}</tr></thead><tbody>"
    );
    let most = rows.iter().map(|row| row.count).max().unwrap_or(0);
    for row in rows {
        out.push_str("<tr>");
        let name = match &row.bucket {
            Some(bucket) => format!("{bucket}/{}", row.value),
            None => row.value.clone(),
        };
        value_cell(
            out,
            &name,
            Share {
                part: row.count,
                whole: most,
            },
        );
        let share = Share {
            part: row.count,
            whole,
        };
        let _ = write!(
            out,
            "<td class=\"n\">{}</td><td class=\"n soft\">{share}</td>",
            Count(row.count)
        );
        if column == Column::Bytes {
            let _ = write!(
                out,
                "<td class=\"n soft\" title=\"{} bytes\">{}</td>",
                Count(row.bytes_sent),
                Bytes(row.bytes_sent)
            );
        }
        out.push_str("</tr>\n");
    }
    out.push_str("</tbody></table>\n</section>\n");
}

fn value_cell(out: &mut String, name: &str, length: Share) {
    let shown = if name.is_empty() { "(empty)" } else { name };
    let _ = write!(
        out,
        "<td class=\"value\"><span class=\"fill\" style=\"width:{:.2}%\"></span><span class=\"text\" title=\"{}\">{}</span></td>",
        length.percent(),
        Text(shown),
        Text(shown),
    );
}

/// Named counts, most frequent first.
pub(super) fn counts(out: &mut String, title: &str, counts: &BTreeMap<String, u64>) {
    let whole: u64 = counts.values().sum();
    let mut rows: Vec<_> = counts
        .iter()
        .map(|(name, count)| (name.as_str(), *count))
        .collect();
    rows.sort_by(|a, b| (b.1, a.0).cmp(&(a.1, b.0)));
    let rows: Vec<_> = rows
        .into_iter()
        .map(|(value, count)| Top {
            value: value.to_owned(),
            bucket: None,
            count,
            bytes_sent: 0,
        })
        .collect();
    top_list(out, title, &rows, whole, Column::None);
}

/// Requests by status, in the order of the statuses.
pub(super) fn statuses(out: &mut String, total: &Figures) {
    out.push_str(
        "<section class=\"panel\">\n<div class=\"head\"><h3>Status</h3></div>\n<table class=\"top\"><thead><tr><th>Status</th>\
         <th class=\"n count\">Requests</th><th class=\"n share\">Share</th></tr></thead><tbody>\n",
    );
    let most = total.by_status.values().max().copied().unwrap_or(0);
    for (status, count) in &total.by_status {
        let class = status
            .bytes()
            .next()
            .map_or(0, |digit| usize::from(digit.saturating_sub(b'0')))
            .min(5);
        let length = Share {
            part: *count,
            whole: most,
        };
        let share = Share {
            part: *count,
            whole: total.requests,
        };
        let _ = writeln!(
            out,
            "<tr><td class=\"value\"><span class=\"fill\" style=\"width:{:.2}%\"></span><span class=\"text\"><i class=\"dot c{class}\" title=\"{}\"></i>{} {}</span></td>\
             <td class=\"n\">{}</td><td class=\"n soft\">{share}</td></tr>",
            length.percent(),
            class_name(class),
            Text(status),
            phrase(status),
            Count(*count),
        );
    }
    out.push_str("</tbody></table>\n</section>\n");
}

/// What a status says, those that stores answer with.
fn phrase(status: &str) -> &'static str {
    match status {
        "200" => "OK",
        "201" => "Created",
        "204" => "No Content",
        "206" => "Partial Content",
        "301" => "Moved Permanently",
        "302" => "Found",
        "304" => "Not Modified",
        "307" => "Temporary Redirect",
        "400" => "Bad Request",
        "401" => "Unauthorized",
        "403" => "Forbidden",
        "404" => "Not Found",
        "405" => "Method Not Allowed",
        "408" => "Request Timeout",
        "409" => "Conflict",
        "411" => "Length Required",
        "412" => "Precondition Failed",
        "416" => "Range Not Satisfiable",
        "429" => "Too Many Requests",
        "499" => "Client Closed Request",
        "500" => "Internal Server Error",
        "501" => "Not Implemented",
        "502" => "Bad Gateway",
        "503" => "Service Unavailable",
        "504" => "Gateway Timeout",
        _ => "",
    }
}

/// Operations with their times.
pub(super) fn operations(out: &mut String, total: &Figures) {
    out.push_str(
        "<section class=\"panel\">\n<div class=\"head\"><h3>Operations</h3><span class=\"soft\">time to first byte and in all</span></div>\n\
         <div class=\"wide\"><table><thead><tr><th>Operation</th><th class=\"n\">Records</th><th class=\"n\">p50</th><th class=\"n\">p95</th>\
         <th class=\"n\">p99</th><th class=\"n\">p50 all</th><th class=\"n\">p99 all</th></tr></thead><tbody>\n",
    );
    let mut rows: Vec<_> = total.by_operation.iter().collect();
    rows.sort_by(|a, b| (b.1, a.0).cmp(&(a.1, b.0)));
    for (name, records) in rows.into_iter().take(ROWS) {
        let latency = total.latency.get(name).copied().unwrap_or_default();
        let (first, all) = (latency.turnaround_ms, latency.total_ms);
        let _ = write!(
            out,
            "<tr><td class=\"mono\">{}</td><td class=\"n\">{}</td>",
            Text(name),
            Count(*records)
        );
        for time in [first.p50, first.p95, first.p99, all.p50, all.p99] {
            let _ = write!(out, "<td class=\"n soft\">{}</td>", Milliseconds(time));
        }
        out.push_str("</tr>\n");
    }
    out.push_str("</tbody></table></div>\n");
    cut(out, total.by_operation.len());
    out.push_str("</section>\n");
}

/// Rows of a table that has one for each name: names can be made up.
const ROWS: usize = 50;

fn cut(out: &mut String, rows: usize) {
    if rows > ROWS {
        let _ = writeln!(out, "<p class=\"empty\">and {} more</p>", rows - ROWS);
    }
}

/// A row for each bucket.
pub(super) fn buckets(out: &mut String, buckets: &BTreeMap<String, Figures>) {
    out.push_str(
        "<h2>Buckets</h2>\n<section class=\"panel\">\n<div class=\"wide\"><table><thead><tr><th>Bucket</th><th class=\"n\">Requests</th>\
         <th class=\"n\">Sent</th><th class=\"n\">Uploaded</th><th class=\"n\">4xx</th><th class=\"n\">5xx</th><th class=\"n\">Clients</th>\
         <th class=\"n\">Keys</th><th class=\"n\">Anonymous</th></tr></thead><tbody>\n",
    );
    let mut rows: Vec<_> = buckets.iter().collect();
    rows.sort_by(|a, b| (b.1.requests, a.0).cmp(&(a.1.requests, b.0)));
    for (name, figures) in rows.into_iter().take(ROWS) {
        let share = |part| Share {
            part,
            whole: figures.requests,
        };
        let _ = writeln!(
            out,
            "<tr><td class=\"mono\">{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td>\
             <td class=\"n\">{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td></tr>",
            Text(name),
            Count(figures.requests),
            Bytes(figures.bytes_sent),
            Bytes(figures.bytes_uploaded),
            share(figures.errors_4xx),
            share(figures.errors_5xx),
            Count(figures.unique_ips),
            Count(figures.unique_keys),
            share(figures.anonymous_reads),
        );
    }
    out.push_str("</tbody></table></div>\n");
    cut(out, buckets.len());
    out.push_str("</section>\n");
}
