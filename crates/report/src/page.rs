//! The report as one HTML page that needs nothing else: styles and pictures are in it, scripts it has none.
//!
//! Whatever comes from the logs goes through [`text::Text`], and nothing else writes it.

mod cdn;
mod chart;
mod reading;
mod tables;
mod text;
mod verdict;

use std::fmt::Write;

use crate::report::{Figures, Report};
use chart::{Bars, over_time};
use tables::{Column, buckets, operations, statuses, top_list};
use text::{Bytes, Count, Milliseconds, Share, Text, moment};

const STYLE: &str = include_str!("page/style.css");

/// Makes the page. `made_by` names the program and its version.
pub fn page(report: &Report, made_by: &str) -> String {
    let mut out = String::with_capacity(256 * 1024);
    let _ = writeln!(
        out,
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
         <title>Access log report</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<main>"
    );
    head(&mut out, report);
    reading::problems(&mut out, report);
    let total = &report.total;
    if total.records > 0 {
        cards(&mut out, total);
        over_time(&mut out, "Requests", &total.timeline, Bars::Requests);
        over_time(&mut out, "Bytes sent", &total.timeline, Bars::Bytes);
        out.push_str("<div class=\"grid split\">\n");
        statuses(&mut out, total);
        operations(&mut out, total);
        out.push_str("</div>\n");
        if report.buckets.len() > 1 {
            buckets(&mut out, &report.buckets);
        }
        who_and_what(&mut out, total);
    }
    if let Some(figures) = &report.cdn {
        cdn::section(&mut out, figures);
    }
    reading::section(&mut out, report);
    let _ = writeln!(
        out,
        "<footer>All times are UTC. Percentiles are nearest-rank and exact unless a note says otherwise. \
         Uploaded bytes are approximate: logs hold no request sizes. Made by {}.</footer>\n</main>\n</body>\n</html>",
        Text(made_by)
    );
    out
}

fn head(out: &mut String, report: &Report) {
    out.push_str("<header>\n<div>\n<div class=\"brand\">SpaceWatch</div>\n<h1>Access log report</h1>\n<div class=\"soft\">");
    match &report.period {
        Some(period) => {
            let _ = write!(out, "{} to {} UTC", moment(&period.first), moment(&period.last));
        }
        None => out.push_str("no records"),
    }
    if let Some(bucket) = &report.filter.bucket {
        let _ = write!(out, " · only bucket <span class=\"mono\">{}</span>", Text(bucket));
    }
    let read = &report.read;
    let _ = writeln!(
        out,
        "</div>\n</div>\n<a class=\"badge\" href=\"#reading\">{} files · {} lines · {} rejected · {} duplicates</a>\n</header>\n\
         <p class=\"verdict\">{}</p>",
        Count(read.files),
        Count(read.lines),
        Count(read.rejected),
        Count(read.duplicates),
        Text(&verdict::sentence(report)),
    );
}

fn card(
    out: &mut String,
    bad: bool,
    name: &str,
    figure: impl std::fmt::Display,
    more: impl std::fmt::Display,
) {
    let bad = if bad { " bad" } else { "" };
    let _ = writeln!(
        out,
        "<div class=\"card{bad}\"><div class=\"name\">{name}</div><div class=\"figure\">{figure}</div><div class=\"more\">{more}</div></div>"
    );
}

fn cards(out: &mut String, total: &Figures) {
    let share = |part| Share {
        part,
        whole: total.requests,
    };
    out.push_str("<div class=\"cards\">\n");
    card(
        out,
        false,
        "Requests",
        text::Short(total.requests),
        Count(total.requests),
    );
    card(
        out,
        false,
        "Sent",
        Bytes(total.bytes_sent),
        format_args!("{} bytes", Count(total.bytes_sent)),
    );
    card(out, false, "Uploaded", Bytes(total.bytes_uploaded), "approximate");
    card(
        out,
        false,
        "Client errors, 4xx",
        share(total.errors_4xx),
        Count(total.errors_4xx),
    );
    let many = total.errors_5xx.saturating_mul(100) >= total.requests.max(1);
    card(
        out,
        many,
        "Server errors, 5xx",
        share(total.errors_5xx),
        Count(total.errors_5xx),
    );
    card(
        out,
        false,
        "Clients",
        Count(total.unique_ips),
        format_args!("addresses · {} requesters", Count(total.requesters)),
    );
    card(
        out,
        false,
        "Anonymous reads",
        share(total.anonymous_reads),
        Count(total.anonymous_reads),
    );
    let reads = total.latency.get("REST.GET.OBJECT").copied().unwrap_or_default();
    card(
        out,
        false,
        "Object reads, first byte",
        Milliseconds(reads.turnaround_ms.p50),
        format_args!("median · p95 {}", Milliseconds(reads.turnaround_ms.p95)),
    );
    out.push_str("</div>\n");
}

fn who_and_what(out: &mut String, total: &Figures) {
    out.push_str("<h2>Who and what</h2>\n<div class=\"grid\">\n");
    let whole = total.requests;
    let lists = [
        ("Client addresses", &total.top_ips, Column::Bytes),
        ("Requesters", &total.top_requesters, Column::Bytes),
        ("Keys", &total.top_keys, Column::Bytes),
        ("Folders", &total.top_prefixes, Column::Bytes),
        ("User agents", &total.top_user_agents, Column::Bytes),
        ("Referers", &total.top_referers, Column::Bytes),
        ("Hosts", &total.top_hosts, Column::Bytes),
        ("Keys not found, 404", &total.top_error_keys, Column::None),
    ];
    for (title, rows, column) in lists {
        top_list(out, title, rows, whole, column);
    }
    out.push_str("</div>\n");
}
