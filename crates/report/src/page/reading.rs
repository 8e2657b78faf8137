//! What the figures rest on: files, lines, and whatever is missing.

use std::fmt::Write;

use super::text::{Bytes, Count, Text};
use crate::report::Report;

/// Broken files are listed up to here; all are in the JSON.
const FILES: usize = 50;

/// What limits the figures, above them.
pub(super) fn problems(out: &mut String, report: &Report) {
    if report.read.files_failed > 0 {
        let _ = writeln!(
            out,
            "<p class=\"note bad\">{} could not be read, or not to the end: <a href=\"#reading\">see below</a>. What was read counts.</p>",
            counted(report.read.files_failed, "file"),
        );
    }
    for note in &report.notes {
        let _ = writeln!(out, "<p class=\"note\">{}</p>", Text(&note.detail));
    }
}

fn counted(count: u64, what: &str) -> String {
    format!("{} {what}{}", Count(count), if count == 1 { "" } else { "s" })
}

/// The last part of the page.
pub(super) fn section(out: &mut String, report: &Report) {
    let read = &report.read;
    out.push_str("<h2 id=\"reading\">What was read</h2>\n<div class=\"grid\">\n<section class=\"panel\">\n<table><tbody>\n");
    let rows = [
        ("Files", Count(read.files).to_string()),
        ("Their size", Bytes(read.bytes).to_string()),
        ("Unpacked", Bytes(read.unpacked_bytes).to_string()),
        ("Lines", Count(read.lines).to_string()),
        (
            "Records of S3 requests and actions",
            Count(report.total.records).to_string(),
        ),
        (
            "Records of CDN requests",
            Count(report.cdn.as_ref().map_or(0, |cdn| cdn.requests)).to_string(),
        ),
        ("Blank lines and headers", Count(read.silent).to_string()),
        ("Left out by the filter", Count(read.filtered_out).to_string()),
        ("Duplicates, counted once", Count(read.duplicates).to_string()),
        ("Rejected lines", Count(read.rejected).to_string()),
        (
            "Ambiguous records, read in the first possible way",
            Count(read.ambiguous).to_string(),
        ),
    ];
    for (name, figure) in rows {
        let _ = writeln!(out, "<tr><td>{name}</td><td class=\"n\">{figure}</td></tr>");
    }
    out.push_str("</tbody></table>\n</section>\n<section class=\"panel\">\n<div class=\"head\"><h3>Rejected lines by reason</h3></div>\n");
    if report.rejects.count == 0 {
        out.push_str("<p class=\"empty\">none: every line was understood</p>\n");
    } else {
        out.push_str("<table><tbody>\n");
        for reason in report.rejects.by_reason.values() {
            let _ = writeln!(
                out,
                "<tr><td>{}</td><td class=\"n\">{}</td></tr>",
                Text(&reason.detail),
                Count(reason.count)
            );
        }
        out.push_str("</tbody></table>\n");
    }
    out.push_str("</section>\n</div>\n");
    samples(out, report);
    files(out, report);
}

fn samples(out: &mut String, report: &Report) {
    if report.rejects.samples.is_empty() {
        return;
    }
    let first = if report.rejects.truncated {
        "the first of them"
    } else {
        "all of them"
    };
    let _ = writeln!(
        out,
        "<section class=\"panel\" style=\"margin-top:12px\">\n<div class=\"head\"><h3>Rejected lines <span class=\"soft\">{first}</span></h3></div>\n\
         <div class=\"wide\"><table><thead><tr><th>File</th><th class=\"n\">Byte</th><th>Reason</th><th>Line</th></tr></thead><tbody>",
    );
    for sample in &report.rejects.samples {
        let name = sample.file.rsplit('/').next().unwrap_or_default();
        let _ = writeln!(
            out,
            "<tr><td class=\"mono\" title=\"{}\">{}</td><td class=\"n\">{}</td><td>{}</td><td class=\"mono line\" title=\"{}\">{}</td></tr>",
            Text(&sample.file),
            Text(name),
            Count(sample.offset),
            sample.reason,
            Text(&sample.line),
            Text(&sample.line),
        );
    }
    out.push_str("</tbody></table></div>\n</section>\n");
}

fn files(out: &mut String, report: &Report) {
    if report.failed_files.is_empty() {
        return;
    }
    out.push_str("<section class=\"panel\">\n<div class=\"head\"><h3>Files not read to the end</h3></div>\n<div class=\"wide\"><table><tbody>\n");
    for failed in report.failed_files.iter().take(FILES) {
        let _ = writeln!(
            out,
            "<tr><td class=\"mono\">{}</td><td>{}</td></tr>",
            Text(&failed.file),
            Text(&failed.detail)
        );
    }
    out.push_str("</tbody></table></div>\n");
    if report.failed_files.len() > FILES {
        let _ = writeln!(
            out,
            "<p class=\"empty\">and {} more</p>",
            report.failed_files.len() - FILES
        );
    }
    out.push_str("</section>\n");
}
