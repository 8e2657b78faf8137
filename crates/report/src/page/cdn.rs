//! The CDN's part of the page.

use std::fmt::Write;

use super::card;
use super::chart::{Bars, over_time};
use super::tables::{Column, counts, top_list};
use super::text::{Bytes, Count, Milliseconds};
use crate::report::CdnFigures;

pub(super) fn section(out: &mut String, cdn: &CdnFigures) {
    out.push_str("<h2>CDN</h2>\n<div class=\"cards six\">\n");
    let percent =
        |ratio: Option<f64>| ratio.map_or_else(|| "–".to_owned(), |ratio| format!("{:.1} %", ratio * 100.0));
    card(
        out,
        false,
        "Requests at the edge",
        super::text::Short(cdn.requests),
        Count(cdn.requests),
    );
    card(
        out,
        false,
        "Sent by the edge",
        Bytes(cdn.bytes_sent),
        format_args!("{} bytes", Count(cdn.bytes_sent)),
    );
    card(
        out,
        false,
        "Hit ratio",
        percent(cdn.hit_ratio),
        "hits of hits and misses",
    );
    card(
        out,
        false,
        "Hit ratio by bytes",
        percent(cdn.byte_hit_ratio),
        "hits of hits and misses",
    );
    card(out, false, "Clients", Count(cdn.unique_ips), "addresses");
    card(
        out,
        false,
        "Time taken",
        Milliseconds(cdn.time_taken_ms.p50),
        format_args!("median · p95 {}", Milliseconds(cdn.time_taken_ms.p95)),
    );
    out.push_str("</div>\n");
    over_time(out, "Requests at the edge", &cdn.timeline, Bars::Requests);
    let _ = writeln!(out, "<div class=\"grid\">");
    counts(out, "Results", &cdn.by_result);
    counts(out, "Status", &cdn.by_status);
    top_list(out, "Paths", &cdn.top_paths, cdn.requests, Column::Bytes);
    top_list(out, "Client addresses", &cdn.top_ips, cdn.requests, Column::Bytes);
    out.push_str("</div>\n");
}
