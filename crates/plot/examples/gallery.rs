//! Writes sample pictures of every chart, in both themes, into a directory: `gallery DIRECTORY`.

use std::error::Error;
use std::fs;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use spacewatch_model::Timestamp;
use spacewatch_plot::{
    Bar, BarChart, Bin, Caption, Chart, Heatmap, Histogram, Ink, Series, SeriesKind, Share, ShareChart, Size,
    Theme, TimeChart, Unit,
};

fn main() -> Result<(), Box<dyn Error>> {
    let directory = PathBuf::from(std::env::args_os().nth(1).ok_or("usage: gallery DIRECTORY")?);
    fs::create_dir_all(&directory)?;
    for (name, chart) in charts() {
        for (theme, suffix) in [(Theme::Light, ""), (Theme::Dark, "-dark")] {
            let begin = Instant::now();
            let png = chart.png(Size::default(), theme)?;
            println!("{name}{suffix}: {} bytes in {:.1?}", png.len(), begin.elapsed());
            fs::write(directory.join(format!("{name}{suffix}.png")), png)?;
            fs::write(
                directory.join(format!("{name}{suffix}.svg")),
                chart.svg(Size::default(), theme),
            )?;
        }
    }
    for (name, width, height) in [("small", 320, 240), ("least", 200, 200), ("large", 4000, 2400)] {
        for (kind, chart) in charts() {
            let begin = Instant::now();
            let png = chart.png(Size::new(width, height)?, Theme::Light)?;
            println!("{kind} {name}: {} bytes in {:.1?}", png.len(), begin.elapsed());
            fs::write(directory.join(format!("{kind}-{name}.png")), png)?;
        }
    }
    Ok(())
}

fn charts() -> Vec<(&'static str, Chart)> {
    vec![
        ("top-ips", top_ips()),
        ("top-keys", top_keys()),
        (
            "empty",
            BarChart {
                rows: Vec::new(),
                ..bars("Top IPs", Unit::Count)
            }
            .into(),
        ),
        ("status", status(SeriesKind::Bar)),
        ("status-area", status(SeriesKind::Area)),
        ("latency", latency()),
        ("errors", errors()),
        ("heatmap", heatmap()),
        ("sizes", sizes()),
        ("shares", shares()),
    ]
}

fn caption(title: &str) -> Caption {
    Caption::new(title)
        .with_subtitle(
            "prod-assets · 1 July 2026, 00:00 to 24:00 UTC · 98 % of expected logs · 3 lines rejected",
        )
        .with_empty("No IP data found")
}

fn bars(title: &str, unit: Unit) -> BarChart {
    BarChart {
        caption: caption(title),
        unit,
        rows: Vec::new(),
    }
}

fn top_ips() -> Chart {
    let rows = (1..=10u32).map(|rank| {
        Bar::new(
            format!("203.0.113.{}", rank * 37 % 251),
            f64::from(184_320 / rank / rank + 77 * rank),
        )
    });
    BarChart {
        rows: rows.collect(),
        ..bars("Top IPs by requests", Unit::Count)
    }
    .into()
}

fn top_keys() -> Chart {
    let keys = [
        "photos/2026/07/01/holiday-in-the-mountains-with-everybody/original/IMG_20260701_140522.jpg",
        "videos/launch.mp4",
        "backup/<script>alert(1)</script>&\u{202e}gpj.exe",
        "фото/лето/Москва.jpg",
        "写真/夏休み/東京タワー.jpg",
        "a\nb\u{1b}[31mred",
        "tiny",
    ];
    let rows = keys
        .iter()
        .zip(1..)
        .map(|(key, rank)| Bar::new(*key, 3.1e10 / f64::from(rank * rank * rank)));
    let rows = rows.chain([Bar::new("unknown", f64::NAN)]).collect();
    let chart = BarChart {
        rows,
        ..bars("Keys by bytes sent", Unit::Bytes)
    };
    BarChart {
        caption: chart.caption.with_note("Only successful answers count."),
        ..chart
    }
    .into()
}

fn at(minutes: i64) -> Timestamp {
    Timestamp::from_second(1_782_864_000 + minutes * 60).unwrap_or_default()
}

/// A wave that looks like a day of traffic.
fn traffic(minutes: i64) -> f64 {
    let day = (minutes as f64 / 1440.0 * std::f64::consts::TAU - 1.9).sin();
    let noise = ((minutes * 7_919) % 97) as f64 / 97.0;
    900.0 + 700.0 * day + 220.0 * noise
}

fn series(name: &str, kind: SeriesKind, ink: Ink, value: impl Fn(i64) -> Option<f64>) -> Series {
    let points = (0..96)
        .map(|quarter| (at(quarter * 15), value(quarter * 15)))
        .collect();
    Series {
        name: name.to_owned(),
        points,
        kind,
        ink,
    }
}

fn status(kind: SeriesKind) -> Chart {
    let mut chart = TimeChart::new(caption("Requests by status class"), Unit::Count);
    chart.stacked = true;
    chart.step = Some(Duration::from_secs(900));
    chart.incomplete_from = Some(at(1_380));
    chart.series = vec![
        series("2xx", kind, Ink::Success, |minutes| {
            Some(traffic(minutes).round())
        }),
        series("3xx", kind, Ink::Redirect, |minutes| {
            Some((traffic(minutes + 60) * 0.12).round())
        }),
        series("4xx", kind, Ink::ClientError, |minutes| {
            Some((traffic(minutes + 200) * 0.07).round())
        }),
        series("5xx", kind, Ink::ServerError, |minutes| {
            Some(if (800..=920).contains(&minutes) {
                240.0
            } else {
                9.0
            })
        }),
    ];
    chart.into()
}

fn latency() -> Chart {
    let mut chart = TimeChart::new(caption("Time to first byte"), Unit::Milliseconds);
    chart.step = Some(Duration::from_secs(900));
    let known = |minutes: i64| !(500..=640).contains(&minutes);
    let slow = |minutes: i64| 20.0 + traffic(minutes) / 20.0;
    chart.series = vec![
        series("p50", SeriesKind::Line, Ink::Weak, |minutes| {
            known(minutes).then(|| slow(minutes))
        }),
        series("p95", SeriesKind::Line, Ink::Medium, |minutes| {
            known(minutes).then(|| slow(minutes) * 3.1)
        }),
        series("p99", SeriesKind::Line, Ink::Strong, |minutes| {
            known(minutes).then(|| slow(minutes) * 6.0 + traffic(minutes * 3) / 3.0)
        }),
    ];
    chart.into()
}

fn errors() -> Chart {
    let mut chart = TimeChart::new(caption("Share of requests that failed"), Unit::Percent);
    chart.series = vec![series("errors", SeriesKind::Area, Ink::ServerError, |minutes| {
        Some(traffic(minutes * 5) / 400.0)
    })];
    chart.into()
}

fn heatmap() -> Chart {
    let rows = [
        "< 10 ms",
        "10–20 ms",
        "20–50 ms",
        "50–100 ms",
        "100–200 ms",
        "200–500 ms",
        "0.5–1 s",
        "1–2 s",
        "> 2 s",
    ];
    let column = |quarter: i64| {
        let centre = 2.5 + traffic(quarter * 15) / 900.0;
        let value = |row: f64| (traffic(quarter * 15) * (-(row - centre).powi(2) / 1.6).exp()).floor();
        let values = (0..9u8).map(|row| (!(40..44).contains(&quarter)).then(|| value(f64::from(row))));
        (at(quarter * 15), values.collect())
    };
    Heatmap {
        caption: caption("Time to first byte, requests"),
        unit: Unit::Count,
        rows: rows.map(str::to_owned).to_vec(),
        columns: (0..96).map(column).collect(),
        step: Some(Duration::from_secs(900)),
    }
    .into()
}

fn sizes() -> Chart {
    let bin = |power: i32| Bin {
        from: if power == 0 { 0.0 } else { 2f64.powi(power * 2) },
        to: if power == 17 {
            f64::INFINITY
        } else {
            2f64.powi(power * 2 + 2)
        },
        value: (48_000.0 * (-f64::from(power - 8).powi(2) / 9.0).exp()).floor(),
    };
    Histogram {
        caption: caption("Sizes of objects"),
        measured: Unit::Bytes,
        unit: Unit::Count,
        bins: (0..=17).map(bin).collect(),
    }
    .into()
}

fn shares() -> Chart {
    let classes = [
        "STANDARD",
        "STANDARD_IA",
        "GLACIER",
        "DEEP_ARCHIVE",
        "INTELLIGENT_TIERING",
    ];
    let part = |(label, nth): (&&str, i32)| Share {
        label: (*label).to_owned(),
        value: 4.2e13 / 3f64.powi(nth),
        ..Share::default()
    };
    ShareChart {
        caption: caption("Bytes by storage class"),
        unit: Unit::Bytes,
        parts: classes.iter().zip(0..).map(part).collect(),
    }
    .into()
}
