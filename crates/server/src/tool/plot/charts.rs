//! Answers as charts.

use std::time::Duration;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use spacewatch_insight::{
    TopIpsOutput, TopLogsOutput, TopMeasure, TrafficFigures, TrafficOutput, TrafficStep,
};
use spacewatch_model::{Coverage, TimeRange};
use spacewatch_plot::{Bar, BarChart, Caption, Chart, Heatmap, Ink, Series, SeriesKind, TimeChart, Unit};

/// The period and what is known of it, for the line below a title.
fn subtitle(bucket: &str, window: TimeRange, coverage: &Coverage) -> String {
    let moment = |moment: Timestamp| {
        moment
            .to_zoned(TimeZone::UTC)
            .strftime("%Y-%m-%d %H:%M")
            .to_string()
    };
    let period = match (window.from, window.to) {
        (Some(from), Some(to)) => format!("{} to {} UTC", moment(from), moment(to)),
        (Some(from), None) => format!("since {} UTC", moment(from)),
        (None, Some(to)) => format!("before {} UTC", moment(to)),
        (None, None) => "all time".to_owned(),
    };
    let known = if coverage.complete {
        "complete".to_owned()
    } else if coverage.objects_pending > 0 {
        format!(
            "incomplete: {} log objects not read yet",
            coverage.objects_pending
        )
    } else if coverage.objects_failed > 0 {
        format!(
            "incomplete: {} log objects could not be read",
            coverage.objects_failed
        )
    } else {
        "may still grow: logs are delivered late".to_owned()
    };
    format!("{bucket} · {period} · {known}")
}

fn caption(title: &str, bucket: &str, window: TimeRange, coverage: &Coverage) -> Caption {
    let caption = Caption::new(title).with_subtitle(subtitle(bucket, window, coverage));
    match &coverage.note {
        Some(note) => caption.with_note(note.as_str()),
        None => caption,
    }
}

/// The addresses that ask most.
pub(super) fn top_ips(answer: &TopIpsOutput) -> Chart {
    let bucket = String::from(answer.source_bucket.clone());
    let caption = caption(
        "Top IPs by requests",
        &bucket,
        answer.coverage.window,
        &answer.coverage,
    );
    let rows = answer
        .top_ips
        .iter()
        .map(|row| Bar::new(row.ip.as_str(), number(row.count)));
    Chart::from(BarChart {
        caption: caption.with_empty("No IP data found"),
        unit: Unit::Count,
        rows: rows.collect(),
    })
}

/// What is asked for most.
pub(super) fn top(title: &str, answer: &TopLogsOutput) -> Chart {
    let bucket = String::from(answer.source_bucket.clone());
    let value = |row: &spacewatch_insight::TopValue| match answer.measure {
        TopMeasure::Requests => row.requests,
        TopMeasure::Bytes => row.bytes_sent,
        TopMeasure::Errors => row.errors,
    };
    let rows = answer
        .rows
        .iter()
        .map(|row| Bar::new(row.value.as_str(), number(value(row))));
    Chart::from(BarChart {
        caption: caption(title, &bucket, answer.coverage.window, &answer.coverage),
        unit: if answer.measure == TopMeasure::Bytes {
            Unit::Bytes
        } else {
            Unit::Count
        },
        rows: rows.collect(),
    })
}

/// What one line of a chart shows: its name, its colour, its value in a step.
type Line = (&'static str, Ink, fn(&TrafficFigures) -> Option<f64>);

fn class(figures: &TrafficFigures, class: &str) -> Option<f64> {
    Some(number(figures.by_class.get(class).copied().unwrap_or(0)))
}

fn status(figures: &TrafficFigures, class: &str) -> Option<f64> {
    Some(number(figures.by_status_class.get(class).copied().unwrap_or(0)))
}

const REQUESTS: [Line; 7] = [
    ("get", Ink::Next, |figures| class(figures, "get")),
    ("put", Ink::Next, |figures| class(figures, "put")),
    ("delete", Ink::Next, |figures| class(figures, "delete")),
    ("head", Ink::Next, |figures| class(figures, "head")),
    ("post", Ink::Next, |figures| class(figures, "post")),
    ("list", Ink::Next, |figures| class(figures, "list")),
    ("other", Ink::Other, |figures| class(figures, "other")),
];
const STATUSES: [Line; 4] = [
    ("2xx", Ink::Success, |figures| status(figures, "2xx")),
    ("3xx", Ink::Redirect, |figures| status(figures, "3xx")),
    ("4xx", Ink::ClientError, |figures| status(figures, "4xx")),
    ("5xx", Ink::ServerError, |figures| status(figures, "5xx")),
];
const ERRORS: [Line; 2] = [
    ("4xx", Ink::ClientError, |figures| {
        Some(number(figures.errors_4xx))
    }),
    ("5xx", Ink::ServerError, |figures| {
        Some(number(figures.errors_5xx))
    }),
];
const BYTES: [Line; 2] = [
    ("sent", Ink::Next, |figures| Some(number(figures.bytes_sent))),
    ("uploaded", Ink::Next, |figures| {
        Some(number(figures.bytes_uploaded))
    }),
];
const LATENCY: [Line; 3] = [
    ("p50", Ink::Weak, |figures| time(figures, figures.total.p50_ms)),
    ("p95", Ink::Medium, |figures| time(figures, figures.total.p95_ms)),
    ("p99", Ink::Strong, |figures| time(figures, figures.total.p99_ms)),
];

/// A time, where there are any.
fn time(figures: &TrafficFigures, milliseconds: u64) -> Option<f64> {
    (figures.total.samples > 0).then(|| number(milliseconds))
}

/// Requests by kind.
pub(super) fn requests(answer: &TrafficOutput) -> Chart {
    over_time(answer, "Requests", Unit::Count, SeriesKind::Area, &REQUESTS)
}

/// Requests by how they were answered.
pub(super) fn status_classes(answer: &TrafficOutput) -> Chart {
    over_time(
        answer,
        "Requests by status",
        Unit::Count,
        SeriesKind::Area,
        &STATUSES,
    )
}

/// Requests that failed.
pub(super) fn errors(answer: &TrafficOutput) -> Chart {
    over_time(answer, "Errors", Unit::Count, SeriesKind::Bar, &ERRORS)
}

/// Bytes sent and uploaded.
pub(super) fn bytes(answer: &TrafficOutput) -> Chart {
    over_time(answer, "Bytes", Unit::Bytes, SeriesKind::Line, &BYTES)
}

/// How long requests took.
pub(super) fn latency(answer: &TrafficOutput) -> Chart {
    over_time(
        answer,
        "Total time of requests",
        Unit::Milliseconds,
        SeriesKind::Line,
        &LATENCY,
    )
}

fn over_time(answer: &TrafficOutput, title: &str, unit: Unit, kind: SeriesKind, lines: &[Line]) -> Chart {
    let caption = caption(title, answer.bucket.as_str(), answer.window, &answer.coverage);
    let mut chart = TimeChart::new(caption, unit);
    if answer.total.requests > 0 {
        chart.series = lines.iter().map(|line| series(answer, line, kind)).collect();
    }
    chart.stacked = kind != SeriesKind::Line;
    chart.range = answer.window;
    chart.step = Some(Duration::from_secs(answer.step_seconds));
    chart.incomplete_from = incomplete_from(&answer.steps);
    chart.into()
}

fn series(answer: &TrafficOutput, (name, ink, value): &Line, kind: SeriesKind) -> Series {
    Series {
        name: (*name).to_owned(),
        points: answer
            .steps
            .iter()
            .map(|step| (step.start, value(&step.figures)))
            .collect(),
        kind,
        ink: *ink,
    }
}

/// From where on every step may still change.
fn incomplete_from(steps: &[TrafficStep]) -> Option<Timestamp> {
    let unsure = steps.iter().rev().take_while(|step| step.incomplete);
    unsure.last().map(|step| step.start)
}

/// How many requests took how long, by colour.
pub(super) fn latency_heatmap(answer: &TrafficOutput) -> Chart {
    let mut rows: Vec<_> = answer
        .total_ms_edges
        .iter()
        .map(|&edge| format!("≤ {}", Unit::Milliseconds.show(number(edge))))
        .collect();
    if let Some(&last) = answer.total_ms_edges.last() {
        rows.push(format!("> {}", Unit::Milliseconds.show(number(last))));
    }
    let counts = |step: &TrafficStep| {
        step.total_ms_counts
            .iter()
            .map(|&count| Some(number(count)))
            .collect()
    };
    let columns = answer.steps.iter().map(|step| (step.start, counts(step)));
    Chart::from(Heatmap {
        caption: caption(
            "Total time of requests",
            answer.bucket.as_str(),
            answer.window,
            &answer.coverage,
        ),
        unit: Unit::Count,
        rows,
        columns: if answer.total.total.samples > 0 {
            columns.collect()
        } else {
            Vec::new()
        },
        step: Some(Duration::from_secs(answer.step_seconds)),
    })
}

#[expect(clippy::cast_precision_loss, reason = "a picture shows three digits")]
fn number(value: u64) -> f64 {
    value as f64
}
